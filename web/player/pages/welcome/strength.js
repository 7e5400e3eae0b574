// How strong a new password is, as the house judges it; asked a little after the typing stops.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';

const STRENGTH = 'query($password: String!, $own: [String!]) { passwordStrength(password: $password, own: $own) { score warning suggestions } }';
const PAUSE_MS = 250, LEAST = 10;
let waiting = null;

// Puts `{ score (0 to 4), words }` into `told`, null for a field that is empty.
export function strengthOf(password, own, told) {
  clearTimeout(waiting);
  if (!password) { told.value = null; return; }
  if (password.length < LEAST) { told.value = { score: 0, words: t('welcome.short', { n: LEAST - password.length }) }; return; }
  waiting = setTimeout(async () => {
    try {
      const { passwordStrength: { score, warning, suggestions } } = await ask(STRENGTH, { password, own: own.filter(Boolean) });
      told.value = { score, words: warning || (score < 3 && suggestions[0]) || t(`welcome.strength-${score}`) };
    } catch { /* the house says so when it is sent */ }
  }, PAUSE_MS);
}

export const strengthMeter = (told) => watched(() => (told.value === null ? nothing : html`<span class="strength">
  <meter min="0" max="4" low="2" high="3" optimum="4" .value=${told.value.score} aria-label=${t('welcome.strength')}></meter> <span class="hint" role="status">${told.value.words}</span></span>`));
