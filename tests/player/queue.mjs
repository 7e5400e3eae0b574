// Runs one case given as JSON by the test: module functions on values, the outcome as JSON.
import { readFileSync } from 'node:fs';

const { module, calls } = JSON.parse(readFileSync(0, 'utf8'));
const told = await import(module);
console.log(JSON.stringify(calls.map(([name, ...given]) => told[name](...given) ?? null)));
