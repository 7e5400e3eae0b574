// Proving to be a student: by an address at school, or by a document that somebody looks at.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { day, t } from '../../language/language.js';
import { form } from '../../parts/form.js';
import { notice } from '../../parts/notice.js';
import { ask } from '../../session/api.js';

export const STUDENT = 'student: myStudent { stands takesEmail takesDocuments proof { endsAt school } application { state reason } }';

const sent = signal(false);
let made = null;

const forms = (again) => (made ??= {
  mail: form({ id: 'school', button: t('plan.send-code'), kind: '', fields: [{ name: 'email', type: 'email', words: t('plan.school-email'), required: true, max: 254 }], act: async ({ email }) => {
    await ask('mutation($e: String!) { sendStudentCode(email: $e) { success } }', { e: email });
    sent.value = true;
  } }),
  code: form({ id: 'digits', button: t('plan.confirm'), kind: '', fields: [{ name: 'code', words: t('plan.digits'), complete: 'one-time-code', required: true, max: 20 }], act: async ({ code }) => {
    await ask('mutation($c: String!) { confirmStudentCode(code: $c) { proof { endsAt } } }', { c: code });
    sent.value = false;
    notice(t('plan.is-student'));
    await again();
  } }),
  document: form({ id: 'document', button: t('plan.hand-in'), kind: '', fields: [{ name: 'school', words: t('plan.school'), required: true }, { name: 'reference', words: t('plan.reference'), required: true, max: 500 }], act: async ({ school, reference }) => {
    await ask('mutation($s: String!, $r: String!) { applyAsStudent(school: $s, reference: $r) { application { id } } }', { s: school ?? '', r: reference ?? '' });
    await again();
  } }),
});

export function student(mine, again) {
  if (!mine.takesEmail && !mine.takesDocuments && !mine.proof) return nothing;
  const { mail, code, document } = forms(again), waits = mine.application?.state === 'OPEN';
  return html`<section class="narrow"><h2>${t('plan.student')}</h2>
    <p>${mine.stands ? t('plan.student-until', { name: mine.proof.school, day: day(mine.proof.endsAt) }) : t('plan.student-why')}</p>
    ${mine.application?.state === 'DENIED' ? html`<p>${t('plan.denied', { reason: mine.application.reason })}</p>` : nothing}
    ${mine.takesEmail ? html`${sent.value ? html`<p role="status">${t('plan.code-sent')}</p>${code()}` : mail()}` : nothing}
    ${waits ? html`<p role="status">${t('plan.waits')}</p>` : mine.takesDocuments ? document() : nothing}</section>`;
}
