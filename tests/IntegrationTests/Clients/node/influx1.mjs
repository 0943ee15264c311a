// The client of InfluxDB 1 for Node.js: prints what happened as one line of JSON.
import { InfluxDB } from 'influx'

const [url, password, database] = process.argv.slice(2)
const { hostname, port } = new URL(url)
const influx = new InfluxDB({ host: hostname, port: Number(port), database, username: 'any', password })
const online = await influx.ping(5000)
const point = (i, temperature) => ({
  measurement: 'climate',
  tags: { device: 'node one', place: 'b,c' },
  fields: { temperature, note: 'say "hi"' },
  timestamp: new Date(1764000000000 + i),
})
await influx.writePoints([0, 1, 2].map(i => point(i, i / 4)), { precision: 'ms' })
let refusal = null
try {
  await influx.writePoints([point(3, 3 / 4), point(4, 'warm')], { precision: 'ms' })
} catch (error) {
  refusal = error.message
}
let query = null
try {
  await influx.createDatabase('another')
} catch (error) {
  query = error.message
}
console.log(JSON.stringify({ online: online.map(host => host.online), refusal, query }))
