// Plays all of something in an order drawn by lot.
import { html } from 'lit-html';
import { t } from '../language/language.js';
import { playContext } from '../playing/player.js';
import { icon } from './icon.js';

// `kind` as in the API's QueueContextKind; `thing` has an id and a title or a name.
export const shuffleButton = (kind, thing) => html`<button class="round-button" aria-label=${t('frame.shuffle-named', { name: thing.title ?? thing.name })}
  @click=${() => playContext(kind, thing.id, { shuffle: true })}>${icon('shuffle')}</button>`;
