// What is listened to: each page with its days, charts with their figures, tables with CSV.
import { ask } from '../player/session/api.js';
import { el } from '../page/element.js';
import { chart } from './chart.js';
import { choice, field } from './dialog.js';
import { dates } from './range.js';
import { count, figures, money, nothing, percent, words } from './shown.js';
import { table } from './table.js';

const hours = (value) => `${count(Math.round(value * 10) / 10)} h`;
const number = (name, key, show = count) => ({ name, kind: 'number', value: (row) => row[key], show: (row) => (row[key] == null ? '–' : show(row[key])) });
const KINDS = ['SONG', 'ARTIST', 'ALBUM', 'GENRE', 'PLAYLIST'];
let range = null, kind = 'SONG', period = 'WEEK';

const PAGES = {
  listening: ['Listening', '', `listening { plays hours listeners averageDailyListeners skipRate completionRate } listeningBefore { plays hours listeners }
    days { day plays hours listeners weeklyListeners monthlyListeners stickiness skipRate } hours { hour plays hours } weekdays { weekday plays hours averageListeners }
    sources { source plays share skipRate } leftAt { tenth plays share }`, listening],
  top: ['Top and rising', '$kind: FigureKind!', 'top(kind: $kind, limit: 100) { id name plays hours listenerDays skipRate playsBefore growth } rising(kind: $kind, limit: 50) { id name plays playsBefore growth listenerDays }', top],
  people: ['People', '$period: CohortPeriod!', `newAccounts newAccountsBefore days { day newAccounts listeners } cohorts(by: $period) { begins accounts listeners retention }
    engagement { likes saves follows playlists reviews searches active perActive } engagementBefore { likes saves follows playlists reviews searches active perActive }`, people],
  revenue: ['Revenue', '', `subscriptions { tier atStart atEnd began churned churnRate } revenue { currency payments paidMinor taxMinor refundedMinor disputedMinor netMinor mrrMinor }
    revenueBefore { currency netMinor }`, revenue],
};

export async function analytics(page, name = 'listening') {
  const chosen = PAGES[name] ? name : 'listening', [title, variable, fields, show] = PAGES[chosen];
  const box = el('div');
  const draw = async () => {
    box.setAttribute('aria-busy', 'true');
    const values = { from: range?.from, to: range?.to, ...(variable.startsWith('$kind') && { kind }), ...(variable.startsWith('$period') && { period }) };
    try {
      const { analytics: told } = await ask(`query($from: Date, $to: Date${variable ? `, ${variable}` : ''}) { analytics(from: $from, to: $to) { from to timeZone ${fields} } }`, values);
      if (!range) { range = { from: told.from, to: told.to }; days.tell(told); }
      box.replaceChildren(...show(told, draw));
    } catch (error) { box.replaceChildren(el('div', { class: 'failed-box', role: 'alert' }, el('p', {}, error.message), el('button', { class: 'quiet', onclick: draw }, 'Try again'))); }
    box.removeAttribute('aria-busy');
  };
  const days = dates(range, () => { range = { from: days.from(), to: days.to() }; draw(); });
  page.replaceChildren(el('h1', {}, `Analytics: ${title}`), el('nav', { class: 'tools', 'aria-label': 'Analytics' }, Object.entries(PAGES).map(([key, [text]]) =>
    el('a', { class: 'quiet', href: `#/analytics/${key}`, 'aria-current': key === chosen ? 'page' : null }, text))), days.box, box);
  await draw();
}

const against = (now, before) => (before ? `${now >= before ? '+' : '−'}${Math.abs(Math.round(100 * (now / before - 1)))} %` : 'new');

function listening(told) {
  const { listening: now, listeningBefore: before } = told;
  return [figures([['Plays', count(now.plays)], ['against before', against(now.plays, before.plays)], ['Hours', hours(now.hours)], ['Listeners', count(now.listeners)], ['each day, on average', count(Math.round(now.averageDailyListeners * 10) / 10)],
    ['Skipped', percent(now.skipRate)], ['Heard to the end', percent(now.completionRate)]]), el('h2', {}, 'Day by day'),
  chart('Active listeners', told.days, [['listeners', 'In a day'], ['weeklyListeners', 'In 7 days'], ['monthlyListeners', 'In 30 days']], { show: count }),
  chart('Hours heard', told.days, [['hours', 'Hours']], { show: hours }), chart('Plays', told.days, [['plays', 'Plays']], { show: count }), chart('Skipped', told.days, [['skipRate', 'Share of plays']], { show: percent }),
  el('h2', {}, 'Where from'), table('Sources', [{ name: 'Source', value: (row) => words(row.source.toUpperCase()) }, number('Plays', 'plays'), number('Share', 'share', percent), number('Skipped', 'skipRate', percent)], told.sources, { empty: 'Nothing was played in these days.' }),
  el('h2', {}, 'When'), table('Hours of the day', [{ name: 'Hour', value: (row) => row.hour, show: (row) => `${row.hour} to ${row.hour + 1}` }, number('Plays', 'plays'), number('Hours heard', 'hours', hours)], told.hours),
  table('Days of the week', [{ name: 'Day', value: (row) => row.weekday, show: (row) => new Intl.DateTimeFormat(undefined, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, row.weekday)) }, number('Plays', 'plays'), number('Hours heard', 'hours', hours), number('Listeners on average', 'averageListeners')], told.weekdays),
  el('h2', {}, 'Where songs are left'), table('Tenths of a song', [{ name: 'Part', value: (row) => row.tenth, show: (row) => `${row.tenth * 10} to ${row.tenth * 10 + 10} %` }, number('Plays', 'plays'), number('Share', 'share', percent)], told.leftAt)];
}

function top(told, draw) {
  const of = choice('kind', KINDS.map((code) => [code, `${words(code)}s`]), kind);
  of.onchange = () => { kind = of.value; draw(); };
  const name = { name: 'Name', kind: 'wide', value: (row) => row.name ?? row.id, show: (row) => row.name ?? 'gone, or private' };
  const growth = number('Growth', 'growth', (share) => `${share >= 0 ? '+' : '−'}${Math.abs(Math.round(100 * share))} %`);
  return [el('div', { class: 'tools' }, field('Of', of)), el('h2', {}, 'Most played'), table('Top', [name, number('Plays', 'plays'), number('Hours', 'hours', hours), number('Listeners of each day', 'listenerDays'), number('Skipped', 'skipRate', percent), number('Plays before', 'playsBefore'), growth], told.top, { empty: 'Nothing was played in these days.' }),
    el('h2', {}, 'Rising'), table('Rising', [name, growth, number('Plays', 'plays'), number('Plays before', 'playsBefore'), number('Listeners of each day', 'listenerDays')], told.rising, { empty: 'Nothing rises.' })];
}

function people(told, draw) {
  const by = choice('period', [['WEEK', 'Weeks'], ['MONTH', 'Months']], period), { engagement: now, engagementBefore: before } = told;
  by.onchange = () => { period = by.value; draw(); };
  const longest = Math.max(0, ...told.cohorts.map((row) => row.retention.length));
  const later = Array.from({ length: longest }, (_, index) => ({ name: index ? `+${index}` : 'At once', kind: 'number', value: (row) => row.retention[index] ?? null, show: (row) => (row.retention[index] == null ? '' : percent(row.retention[index])) }));
  const deeds = ['likes', 'saves', 'follows', 'playlists', 'reviews', 'searches', 'active'].map((key) => ({ name: words(key.toUpperCase()), now: now[key], before: before[key] }));
  return [figures([['New accounts', count(told.newAccounts)], ['before', count(told.newAccountsBefore)], ['Deeds for each who listened', now.perActive == null ? '–' : count(Math.round(now.perActive * 100) / 100)]]),
    chart('New accounts', told.days, [['newAccounts', 'Accounts']], { show: count }), el('h2', {}, 'Engagement'), table('Engagement', [{ name: 'What', value: (row) => row.name }, number('In these days', 'now'), number('In as many before', 'before')], deeds),
    el('h2', {}, 'Retention'), el('div', { class: 'tools' }, field('Periods', by)), told.cohorts.length ? table('Cohorts', [{ name: 'Registered from', value: (row) => row.begins }, number('Accounts', 'accounts'), ...later], told.cohorts) : nothing('Nobody registered in these days.')];
}

function revenue(told) {
  const sum = (name, key) => ({ name, kind: 'number', value: (row) => row[key], show: (row) => money(row[key], row.currency) });
  return [el('h2', {}, 'Money'), table('Revenue', [{ name: 'Currency', value: (row) => row.currency.toUpperCase() }, number('Payments', 'payments'), sum('Paid', 'paidMinor'), sum('Taxes', 'taxMinor'), sum('Given back', 'refundedMinor'), sum('Disputed', 'disputedMinor'), sum('Net', 'netMinor'),
    { name: 'Net before', kind: 'number', value: (row) => told.revenueBefore.find((each) => each.currency === row.currency)?.netMinor ?? 0, show: (row) => money(told.revenueBefore.find((each) => each.currency === row.currency)?.netMinor ?? 0, row.currency) }, sum('In a month', 'mrrMinor')], told.revenue, { empty: 'Nobody paid anything in these days.' }),
  el('h2', {}, 'Subscriptions'), table('Tiers', [{ name: 'Tier', value: (row) => words(row.tier.toUpperCase()) }, number('At first', 'atStart'), number('At last', 'atEnd'), number('Began', 'began'), number('Ended', 'churned'), number('Ended, share', 'churnRate', percent)], told.subscriptions, { empty: 'There is no tier that costs something.' })];
}
