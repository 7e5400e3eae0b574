// Marks in results what was asked for: the beginnings of words that are like a word of the question, accents apart.
// The browser's highlights paint ranges over the text as it stands; a browser without them shows the results plain.
const NAME = 'matched', PLACES = '.row-title, .row-words > span, .card strong, .best strong';
const bare = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// [from, to] of each match, in characters of the text. Pure.
export function matchesIn(text, question) {
  const words = bare(question).split(/[^\p{L}\p{N}]+/u).filter(Boolean).sort((one, other) => other.length - one.length);
  if (!words.length) return [];
  // Which character of the text each one of the bared text came from.
  const from = [];
  let plain = '', at = 0;
  for (const letter of text) {
    for (const each of bare(letter)) for (let unit = 0; unit < each.length; unit += 1) { plain += each[unit]; from.push(at); }
    at += letter.length;
  }
  from.push(text.length);
  const found = plain.matchAll(new RegExp(`(?<![\\p{Script=Latin}\\p{N}])(?:${words.map(escaped).join('|')})`, 'gu'));
  return [...found].map(({ 0: match, index }) => [from[index], from[index + match.length]]);
}

// Marks them within an element, in place of what was marked before.
export function markIn(element, question) {
  if (!globalThis.Highlight || !CSS.highlights) return;
  const ranges = [];
  for (const place of element.querySelectorAll(PLACES)) {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const [from, to] of matchesIn(texts.currentNode.data, question)) {
        const range = new Range();
        range.setStart(texts.currentNode, from);
        range.setEnd(texts.currentNode, to);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set(NAME, new Highlight(...ranges));
}

export const unmark = () => globalThis.CSS?.highlights?.delete(NAME);
