// How near a name is to what was asked for.
// Letters alone, without accents and signs.
const bare = (words) => words.normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();

// How well a name answers: 0 exactly, 1 as its beginning, 2 otherwise.
export function nearness(name, words) {
  const [has, wants] = [bare(name), bare(words)];
  return has === wants ? 0 : has.startsWith(wants) ? 1 : 2;
}
