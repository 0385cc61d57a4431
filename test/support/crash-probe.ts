/**
 * For `node --import`: a process that fails on purpose when it gets SIGUSR2, once as an error that nobody catches and once as a rejection
 * that nobody handles, somewhere in the middle of its work.
 */
process.on('SIGUSR2', () => {
  setImmediate(() => {
    void Promise.reject(new Error('a probe was rejected'));
  });
  setTimeout(() => {
    throw new Error('a probe was thrown');
  }, 0);
});
