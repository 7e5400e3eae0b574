// A sign out of look/icons.svg. It says nothing to a screen reader: whatever it stands in has the words.
import { svg } from 'lit-html';
import { html } from 'lit-html';

const part = (name) => svg`<use href="/web/player/look/icons.svg#${name}"></use>`;

export const icon = (name) => html`<svg class="icon" aria-hidden="true" focusable="false">${part(name)}</svg>`;
