// What is said in a room. New lines are read out; the list stays at its end unless somebody reads further up.
import { html } from 'lit-html';
import { ref } from 'lit-html/directives/ref.js';
import { t } from '../../language/language.js';
import { act } from '../../together/seated.js';

const LINES = 100, NEAR_PX = 60;

function hold(list) {
  if (!list) return;
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
  if (isAtEnd) requestAnimationFrame(() => { list.scrollTop = list.scrollHeight; });
}

export function chat(where, draft) {
  const speak = async (event) => {
    event.preventDefault();
    const text = draft.value.trim();
    if (text && await act('chat', { text })) draft.value = '';
  };
  return html`<ul class="chat" role="log" aria-label=${t('together.chat')} tabindex="0" ${ref((list) => hold(list))}>
      ${where.chat.length ? where.chat.slice(-LINES).map((line) => html`<li><strong>${line.name}</strong> ${line.text}</li>`) : html`<li class="facts">${t('together.chat-none')}</li>`}</ul>
    <form class="say" @submit=${speak}><input maxlength="500" autocomplete="off" aria-label=${t('together.say')} placeholder=${t('together.say')} .value=${draft.value} @input=${({ target }) => { draft.value = target.value; }}>
      <button class="button">${t('together.send')}</button></form>`;
}
