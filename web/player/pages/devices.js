// All devices of somebody: which are there, which plays, and what they are called.
import { html } from 'lit-html';
import { t } from '../language/language.js';
import { skeleton } from '../parts/skeleton.js';
import { deviceList } from '../playing/device/device_list.js';
import { devices } from '../playing/device/devices.js';

export const page = {
  areas: ['playing'],
  needs: 'listener',
  skeleton: 'rows',
  title: () => t('playing.devices'),
  view: () => html`<section class="narrow"><h1>${t('playing.devices')}</h1><p class="facts">${t('playing.devices-why')}</p>
    ${devices.value ? deviceList() : skeleton('rows')}</section>`,
};
