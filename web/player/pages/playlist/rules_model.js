// Rules of a smart playlist as the builder keeps them, and as the API takes and gives them.
// A node is a group `{ group: 'all' | 'any', not, nodes }` or a condition `{ field, not, …value }`.

// What each field is told by: a word, a range of numbers (scaled by `per` from what people type), a stretch of days, yes or no, or a thing.
export const FIELDS = {
  genre: { kind: 'genre' }, mood: { kind: 'word' }, language: { kind: 'word' }, artistId: { kind: 'artist' }, albumId: { kind: 'album' },
  year: { kind: 'range', step: 1 }, tempo: { kind: 'range', step: 1 }, energy: { kind: 'range', per: 0.01, step: 1, most: 100 }, danceability: { kind: 'range', per: 0.01, step: 1, most: 100 },
  valence: { kind: 'range', per: 0.01, step: 1, most: 100 }, duration: { kind: 'range', per: 60, step: 0.5 }, playCount: { kind: 'range', step: 1 }, totalPlays: { kind: 'range', step: 1 },
  added: { kind: 'span' }, lastPlayed: { kind: 'span' }, liked: { kind: 'flag' }, isExplicit: { kind: 'flag' },
};
export const DEEPEST = 6, MOST = 60;

export const condition = (field = 'genre') => ({ field, not: false, ...{ range: { from: '', to: '' }, span: { within: true, days: 30 }, flag: { yes: true } }[FIELDS[field].kind] ?? { value: '' } });
export const group = (kind = 'all', nodes = [condition()]) => ({ group: kind, not: false, nodes });

const number = (text, per = 1) => (text === '' || text === null || text === undefined || !Number.isFinite(Number(text)) ? null : Math.round(Number(text) * per * 1e6) / 1e6);

// Whether a condition says something already; half-filled ones are left out.
export function isComplete(node) {
  if (node.group) return node.nodes.some(isComplete);
  const { kind } = FIELDS[node.field];
  if (kind === 'range') return number(node.from) !== null || number(node.to) !== null;
  if (kind === 'span') return Number.isInteger(Number(node.days)) && node.days >= 1 && node.days <= 36500;
  return kind === 'flag' || Boolean(node.value?.trim());
}

function bare(node) {
  if (node.group) return { [node.group]: node.nodes.filter(isComplete).map(toRule) };
  const { kind, per } = FIELDS[node.field];
  if (kind === 'range') {
    const [from, to] = [number(node.from, per), number(node.to, per)];
    return { [node.field]: { ...(from !== null && { from }), ...(to !== null && { to }) } };
  }
  if (kind === 'span') return { [node.field]: { [node.within ? 'withinDays' : 'notWithinDays']: Number(node.days) } };
  return { [node.field]: kind === 'flag' ? node.yes : node.value.trim() };
}

// The API's SmartRule of a node that is complete.
export const toRule = (node) => (node.not ? { not: bare(node) } : bare(node));

// The node of a PlaylistRule, whose other fields are null.
export function fromRule(rule) {
  const [[field, value]] = Object.entries(rule).filter(([, one]) => one !== null);
  if (field === 'not') { const node = fromRule(value); return { ...node, not: !node.not }; }
  if (field === 'all' || field === 'any') return { group: field, not: false, nodes: value.map(fromRule) };
  const { kind, per = 1 } = FIELDS[field], node = { field, not: false };
  const shown = (bound) => (bound === null || bound === undefined ? '' : String(Math.round(bound / per * 1e6) / 1e6));
  if (kind === 'range') return { ...node, from: shown(value.from), to: shown(value.to) };
  if (kind === 'span') return { ...node, within: value.withinDays !== null && value.withinDays !== undefined, days: value.withinDays ?? value.notWithinDays };
  return kind === 'flag' ? { ...node, yes: value } : { ...node, value };
}

// A tree to begin with: rules that are one condition alone are put into a group.
export function treeOf(rule) {
  const node = rule ? fromRule(rule) : group();
  return node.group ? node : group('all', [node]);
}

// How deep the rules nest, and how many there are, as the API counts them: `not` is one as well.
export function measure(node) {
  const inner = (node.nodes ?? []).map(measure), own = node.not ? 2 : 1;
  return { depth: own + Math.max(0, ...inner.map(({ depth }) => depth)), count: own + inner.reduce((sum, { count }) => sum + count, 0) };
}

const LEAVES = `genre mood language artistId albumId isExplicit liked added { ...span } lastPlayed { ...span } ${
  Object.keys(FIELDS).filter((field) => FIELDS[field].kind === 'range').map((field) => `${field} { ...range }`).join(' ')}`;

// Fragments that give rules back as deep as they may nest: `rules { ...rule }`.
export const RULE_FRAGMENTS = `fragment range on PlaylistRuleRange { from to } fragment span on PlaylistRuleSpan { withinDays notWithinDays }
  ${Array.from({ length: DEEPEST }, (_, at) => { const name = at ? `rule${at}` : 'rule', next = `{ ...rule${at + 1} }`;
    return `fragment ${name} on PlaylistRule { ${LEAVES}${at + 1 < DEEPEST ? ` all ${next} any ${next} not ${next}` : ''} }`; }).join(' ')}`;
