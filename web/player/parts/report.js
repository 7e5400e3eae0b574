// Telling the moderators of something: what kind of wrong it is, and a few words.
import { signal } from '@preact/signals-core';
import { html } from 'lit-html';
import { areas, t } from '../language/language.js';
import { ask } from '../session/api.js';
import { openDialog } from './dialog.js';
import { notice } from './notice.js';
import { watched } from './watched.js';

const REPORT = `mutation($kind: ReportedKind!, $id: ID!, $room: ID, $reason: ReasonCode!, $note: String!) {
  reportContent(kind: $kind, id: $id, roomId: $room, reason: $reason, note: $note) { success } }`;
const POLICY = 'query { reportReasons { code kinds } }';
let policy = null;

// `kind` is the API's ReportedKind, `room` the room of a message.
export async function report({ kind, id, name, room = null }) {
  policy ??= ask(POLICY).catch((error) => { policy = null; throw error; });
  let reasons;
  try { [{ reportReasons: reasons }] = await Promise.all([policy, areas('catalogue')]); } catch (error) { notice(error.message); return null; }
  const failed = signal('');
  const send = async (event, close) => {
    event.preventDefault();
    const form = new FormData(event.target);
    try {
      await ask(REPORT, { kind, id, room, reason: form.get('reason'), note: form.get('note') });
      close(true);
      notice(t('catalogue.reported'));
    } catch (error) { failed.value = error.message; }
  };
  return openDialog({ title: t('catalogue.report-named', { name }), draw: (close) => html`
    <form @submit=${(event) => send(event, close)}>
      <fieldset class="reasons"><legend>${t('catalogue.report-why')}</legend>
        ${reasons.filter(({ kinds }) => kinds.includes(kind)).map(({ code }) => html`<label><input type="radio" name="reason" value=${code} required>
          <span>${t(`catalogue.reason-${code}`)}</span></label>`)}</fieldset>
      <label class="field"><span>${t('catalogue.report-note')}</span><textarea name="note" rows="3" maxlength="1000"></textarea>
        <span class="hint">${t('catalogue.report-hint')}</span></label>
      <p class="failed" role="alert">${watched(() => failed.value)}</p>
      <p class="dialog-acts"><button class="button" type="button" @click=${() => close()}>${t('frame.cancel')}</button>
        <button class="button main">${t('frame.report')}</button></p>
    </form>` });
}
