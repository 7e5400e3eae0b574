// A dialogue over the page: the browser's own, which keeps the keyboard inside and gives it back.
import { html, render } from 'lit-html';
import { t } from '../language/language.js';
import { icon } from './icon.js';

// Opens one. `draw(close, redraw)` gives its content; the promise is kept with what it was closed with, null when dismissed.
export function openDialog({ title, draw }) {
  const dialog = document.createElement('dialog');
  let answer = null;
  const close = (value = null) => { answer = value; dialog.close(); };
  const redraw = () => render(html`
    <header><h2 id="dialog-title">${title}</h2>
      <button class="round-button" aria-label=${t('frame.close')} @click=${() => close()}>${icon('close')}</button></header>
    <div class="dialog-body">${draw(close, redraw)}</div>`, dialog);
  dialog.setAttribute('aria-labelledby', 'dialog-title');
  document.body.append(dialog);
  redraw();
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener('click', (event) => { if (event.target === dialog) close(); });
    dialog.addEventListener('close', () => { dialog.remove(); done(answer); });
  });
}

// Asks before something that cannot be taken back. True when it may be done.
export const confirmed = ({ title, words, act }) => openDialog({ title, draw: (close) => html`<p>${words}</p>
  <p class="dialog-acts"><button class="button" @click=${() => close()}>${t('frame.cancel')}</button>
  <button class="button danger" @click=${() => close(true)}>${act}</button></p>` }).then(Boolean);
