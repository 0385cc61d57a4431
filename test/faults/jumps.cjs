// Preloaded with `node -r` into a host: on SIGUSR2 its clock jumps by BATON_FAULT_CLOCK_MS, or its network has another address, as
// BATON_FAULT says. What a laptop does that slept, or was carried to another place. Plain CommonJS: it runs before any loader.
const os = require('node:os');
const { syncBuiltinESMExports } = require('node:module');

const realNow = Date.now;
let aheadMs = 0;
Date.now = () => realNow() + aheadMs;

let visits = 0;
const realInterfaces = os.networkInterfaces;
os.networkInterfaces = () => {
  const found = realInterfaces();
  if (visits === 0) return found;
  const address = `192.0.2.${visits}`;
  return {
    ...found,
    fault0: [{ address, internal: false, family: 'IPv4', netmask: '255.255.255.0', mac: '', cidr: null }],
  };
};
syncBuiltinESMExports();

process.on('SIGUSR2', () => {
  if (process.env.BATON_FAULT === 'clock') aheadMs += Number(process.env.BATON_FAULT_CLOCK_MS);
  else visits += 1;
});
