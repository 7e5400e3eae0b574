// In which time zone somebody's days and weeks begin: this browser's, told once where they have chosen none; changed in the settings.
import { ask, signedIn } from './api.js';
import { el, notice } from './element.js';

const KEPT = 'tutti.zone';
const SET = 'mutation($zone: String) { updatePreferences(timeZone: $zone) { preferences { timeZone } } }';
const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

// Once for each person in a browser: whoever goes back to the house's zone is not asked again.
export async function tellZone() {
  const who = signedIn()?.user.id;
  if (!who || !here() || localStorage.getItem(KEPT) === who) return;
  try {
    const { userPreferences: known } = await ask('{ userPreferences { timeZone } }');
    if (!known.timeZone) await ask(SET, { zone: here() });
    localStorage.setItem(KEPT, who);
  } catch { /* A zone that the house does not know, or no house: the next visit tries again. */ }
}

export async function zoneChoice() {
  const { userPreferences: known } = await ask('{ userPreferences { timeZone } }');
  let kept = known.timeZone ?? '';
  const zones = [...new Set([kept, here(), 'UTC', ...(Intl.supportedValuesOf?.('timeZone') ?? [])])].filter(Boolean).sort();
  const select = el('select', { 'aria-labelledby': 's-zone' }, [['', 'As the house has it'], ...zones.map((zone) => [zone, zone.replaceAll('_', ' ')])]
    .map(([value, text]) => el('option', { value, selected: value === kept }, text)));
  select.onchange = async () => {
    try {
      await ask(SET, { zone: select.value });
      kept = select.value;
      notice('Saved.');
    } catch (error) { select.value = kept; notice(error.message); }
  };
  return el('div', {}, el('p', {}, 'Your daily mixes and your weekly list are new when your day begins there.'), select);
}
