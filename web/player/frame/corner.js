// The corner of the account: who is signed in, their notifications, or the way in.
import { html } from 'lit-html';
import { t } from '../language/language.js';
import { icon } from '../parts/icon.js';
import { person } from '../session/session.js';
import { bell } from './bell.js';
import { path } from './router.js';

export const corner = () => (person.value ? html`
  <div class="corner">${bell()}
    <a class="round-button" href="/settings" aria-label=${t('frame.settings-of', { name: person.value.username })}>${icon('person')}</a>
  </div>` : html`
  <div class="corner"><a class="button main" href="/welcome?to=${encodeURIComponent(path.value)}">${t('frame.sign-in')}</a></div>`);
