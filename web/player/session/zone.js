// In which time zone somebody's days and weeks begin: this browser's, told once where they have chosen none.
import { ask } from './api.js';
import { person } from './session.js';

const KEPT = 'tutti.zone';
const SET = 'mutation($zone: String) { updatePreferences(timeZone: $zone) { preferences { timeZone } } }';
export const zoneHere = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

export const setZone = (zone) => ask(SET, { zone });

// Once for each person in a browser: whoever goes back to the house's zone is not asked again.
async function tell(who) {
  if (!zoneHere() || localStorage.getItem(KEPT) === who) return;
  try {
    const { userPreferences: known } = await ask('{ userPreferences { timeZone } }');
    if (!known.timeZone) await setZone(zoneHere());
    localStorage.setItem(KEPT, who);
  } catch { /* A zone that the house does not know, or no house: the next visit tries again. */ }
}

export const startZone = () => person.subscribe((who) => { if (who) tell(who.id); });
