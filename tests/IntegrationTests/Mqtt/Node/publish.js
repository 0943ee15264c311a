// Publishes with the client of npm as a device would, and tells what became of it, a line of JSON each.
// publish.js URL KEY VERSION COUNT: so many measurements of the device "npm"; then one that is broken, and one for nobody's topic.
import mqtt from 'mqtt';

const [url, key, version, count] = process.argv.slice(2);
const tell = (what) => console.log(JSON.stringify(what));
const client = await mqtt.connectAsync(url, {
  username: 'device',
  password: key,
  protocolVersion: Number(version),
  reconnectPeriod: 0,
}).catch((error) => {
  tell({ refused: error.code, message: error.message });
  process.exit(0);
});
client.on('error', (error) => tell({ error: error.message }));

const publish = (topic, payload, properties) =>
  client.publishAsync(topic, payload, { qos: 1, properties }).then(
    (packet) => ({ reason: packet?.reasonCode ?? 0 }),
    (error) => ({ reason: error.code, message: error.message }),
  );

const measurement = (i) =>
  JSON.stringify({ device: 'npm', timestamp: new Date(Date.UTC(2026, 10, 23, 0, 0, i)).toISOString(), fields: { x: i } });
const results = await Promise.all(
  Array.from({ length: Number(count) }, (_, i) => publish('devices/npm/measurements', measurement(i), { contentType: 'application/json' })),
);
tell({ published: results.filter((result) => result.reason === 0).length });
tell({ broken: (await publish('devices/npm/measurements', '{"device":')).reason });
tell({ elsewhere: (await publish('somewhere/else', measurement(0))).reason });
tell({ granted: (await client.subscribeAsync('devices/#').catch((error) => [{ qos: error.code ?? 128 }]))[0]?.qos });
await client.endAsync();
