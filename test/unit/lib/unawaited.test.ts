import { expect, test, vi } from 'vitest';
import { unawaited } from '#lib/unawaited.ts';

test('what goes wrong in a promise that nobody waits for is logged with what was attempted', async () => {
  const error = new Error('no room');
  const log = { error: vi.fn() };
  unawaited(Promise.reject(error), 'save the draft', log);
  await vi.waitFor(() => expect(log.error).toHaveBeenCalledWith('Failed to save the draft', { error }));
});
