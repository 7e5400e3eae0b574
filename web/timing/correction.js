// What a player does about being ahead or behind: nothing, a speed nobody hears, or a cut in silence.
// The same ladder as services/timing/correction.py; tests hold both to one.
const DEADBAND_MS = 2, SLOW_RATE = 0.003, FAST_RATE = 0.005, FAST_FROM_MS = 15, FAST_UNTIL_MS = 10;
const CUT_FROM_MS = 60, CUT_WHILE_CORRECTING_MS = 80, LONGEST_RATE_MS = 5000, SETTLE_MS = 2000;

export const NOTHING = Object.freeze({ step: 'none', rate: 1, forMs: 0 });

// `error` ms ahead of the anchor (negative: behind), believed to ± `bar`; `before` is the step that was taken last.
export function correction(error, bar, before = NOTHING) {
  const size = Math.abs(error), correcting = before.step === 'rate', begins = Math.max(DEADBAND_MS, bar / 2);
  if (!(size > (correcting ? begins / 2 : begins))) return NOTHING;
  if (size > Math.max(correcting ? CUT_WHILE_CORRECTING_MS : CUT_FROM_MS, bar)) return { step: 'cut', rate: 1, forMs: SETTLE_MS };
  const wasFast = correcting && Math.abs(before.rate - 1) > (SLOW_RATE + FAST_RATE) / 2;
  const by = size > (wasFast ? FAST_UNTIL_MS : FAST_FROM_MS) ? FAST_RATE : SLOW_RATE;
  return { step: 'rate', rate: error > 0 ? 1 - by : 1 + by, forMs: Math.min(size / by, LONGEST_RATE_MS) };
}
