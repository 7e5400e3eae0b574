// Behind the link into a family that was sent by mail: who has it may come in, once.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { go } from '../../frame/router.js';
import { person } from '../../session/session.js';
import { answer } from './family.js';

export const page = {
  areas: ['plan'],
  needs: 'listener',
  skeleton: 'text',
  load: ({ params }) => params,
  title: () => t('plan.come-into-family'),
  view: ({ token }) => html`<section class="narrow"><h1>${t('plan.come-into-family')}</h1><p class="facts">${t('plan.signed-in-as', { name: person.value?.username ?? '' })}</p>
    ${answer({ token }, () => go('/plan'))}</section>`,
};
