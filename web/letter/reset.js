// Choosing a new password by a mailed link.
import { ask, field, form, needsToken, part, token } from './letter.js';

const WEIGH = 'query($p: String!) { passwordStrength(password: $p) { score warning suggestions } }';
const WORDS = ['very easy to guess', 'easy to guess', 'not hard to guess', 'hard to guess', 'very hard to guess'];

function strength(input) {
  const box = document.createElement('div'), meter = document.createElement('meter'), words = document.createElement('span');
  box.className = 'strength';
  Object.assign(meter, { min: 0, max: 4, low: 2, high: 3, optimum: 4, value: 0 });
  meter.setAttribute('aria-label', 'How hard it is to guess');
  words.setAttribute('aria-live', 'polite');
  box.append(meter, words);
  let waiting, asked = 0;
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const turn = ++asked;
      if (!input.value) { meter.value = 0; words.textContent = ''; return; }
      try {
        const { passwordStrength: found } = await ask(WEIGH, { p: input.value });
        if (turn !== asked) return;
        meter.value = found.score;
        words.textContent = [`${WORDS[found.score]}.`, found.warning, ...found.suggestions].filter(Boolean).join(' ');
      } catch { words.textContent = ''; }
    }, 250);
  });
  return box;
}

if (needsToken()) {
  part('words').textContent = 'At least ten characters. Some words that do not belong together are good.';
  const fresh = field('password', 'New password', { type: 'password', autocomplete: 'new-password', minLength: 10, maxLength: 256 });
  const reveal = document.createElement('label'), shown = document.createElement('input');
  reveal.className = 'reveal';
  shown.type = 'checkbox';
  reveal.append(shown, 'Show it');
  shown.onchange = () => { fresh.input.type = shown.checked ? 'text' : 'password'; };
  form('Set it', [fresh.label, fresh.input, reveal, strength(fresh.input)], async () => {
    await ask('mutation($t: String!, $p: String!) { resetPassword(token: $t, newPassword: $p) { success } }',
      { t: token(), p: fresh.input.value });
    return ['Your password is the new one', 'Every device was signed out. Sign in again with it.'];
  });
}
