// Lyrics and time (docs/lyrics.md): which line and which word is sung at a moment, and how much of it is over. Pure.

// The last item that has begun at `at`, in milliseconds; -1 before the first.
export function lastBegun(items, at) {
  let low = 0, high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].atMs <= at) low = middle + 1; else high = middle;
  }
  return low - 1;
}

// Lines to show: those sung in front, each with what is sung behind it meanwhile, whose voice it is and until when it lasts.
export function arranged({ lines, agents }) {
  const front = lines.filter((line) => !line.isBackground);
  const voices = agents.filter((agent) => agent.kind !== 'group').map((agent) => agent.id);
  const shown = front.map((line, at) => ({ ...line, behind: [], untilMs: line.endMs ?? front[at + 1]?.atMs ?? Infinity,
    side: voices.length > 1 && voices.indexOf(line.agent) % 2 === 1 ? 'second' : 'first' }));
  for (const line of lines) {
    if (!line.isBackground) continue;
    const at = Math.max(0, lastBegun(shown, line.atMs));
    shown[at]?.behind.push(line);
  }
  return shown;
}

// How much of a word is over at `at`, from 0 to 1: until its own end, else the next word's beginning, else the line's end.
export function partOf(words, index, lineEndMs, at) {
  const word = words[index], end = word.endMs ?? words[index + 1]?.atMs ?? lineEndMs;
  if (at <= word.atMs) return 0;
  if (!Number.isFinite(end) || end <= word.atMs) return 1;
  return Math.min(1, (at - word.atMs) / (end - word.atMs));
}
