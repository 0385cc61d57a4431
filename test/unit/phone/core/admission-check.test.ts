import { beforeAll, expect, test } from 'vitest';
import { isAdmitted } from '#phone/core/admission-check.ts';
import {
  ADMISSION_CHECK_INTERVAL_MS,
  ADMISSION_SETTLES_WITHIN_MS,
  PAIRING_CONFIRM_TIMEOUT_MS,
} from '#phone/core/limits.ts';
import { ManualEnvironment, until } from './manual-environment.ts';
import { createManualPair, type ManualPair } from './manual-host.ts';

let pair: ManualPair;
beforeAll(async () => {
  pair = await createManualPair();
});

function ask(environment: ManualEnvironment) {
  const answers: boolean[] = [];
  void isAdmitted(environment, pair.identity, 'test').then((answer) => answers.push(answer));
  return answers;
}

test('a relay that has not heard of the device yet is asked again', async () => {
  const environment = new ManualEnvironment();
  const answers = ask(environment);
  await environment.lastSocket.closeByRelay(4403);
  pair.serve(environment);
  environment.advance(ADMISSION_CHECK_INTERVAL_MS);
  await until('an answer', () => answers.length === 1);
  expect(answers).toEqual([true]);
});

test('a relay that goes on refusing the device is believed', async () => {
  const environment = new ManualEnvironment();
  const answers = ask(environment);
  for (let waited = 0; waited <= ADMISSION_SETTLES_WITHIN_MS; waited += ADMISSION_CHECK_INTERVAL_MS) {
    await environment.lastSocket.closeByRelay(4403);
    environment.advance(ADMISSION_CHECK_INTERVAL_MS);
  }
  await until('an answer', () => answers.length === 1);
  expect(answers).toEqual([false]);
});

test('a host that does not answer is not waited for without end', async () => {
  const environment = new ManualEnvironment();
  const answers = ask(environment);
  environment.advance(PAIRING_CONFIRM_TIMEOUT_MS);
  await until('an answer', () => answers.length === 1);
  expect([answers, environment.timers]).toEqual([[false], []]);
});
