// The official client of InfluxDB 2: prints what happened as one line of JSON.
import { InfluxDB, Point } from '@influxdata/influxdb-client'

const [url, token, bucket, scenario] = process.argv.slice(2)
const failures = []
let retries = 0
const options = {
  batchSize: 100,
  flushInterval: 0,
  maxRetries: 500,
  retryJitter: 50,
  gzipThreshold: scenario === 'plain' ? 1_000_000 : 0,
  writeFailed(error, lines, attempt, expires) {
    if (typeof error.canRetry === 'function' && error.canRetry()) {
      retries++
    } else {
      failures.push({ status: error.statusCode, code: error.code, line: error.json?.line, message: error.message, lines: lines.length })
    }
  },
}
const write = new InfluxDB({ url, token }).getWriteApi('any organization', bucket, 'ms', options)
for (let i = 0; i < 250; i++) {
  const point = new Point('climate').tag('device', `${scenario} house ${i % 5}`).tag('place', 'a=b').floatField('temperature', i / 4)
  point.intField('count', i).booleanField('open', i % 2 === 0).stringField('note', 'say "hi"\\').timestamp(1764000000000 + i)
  if (scenario === 'partial' && i === 7) point.stringField('temperature', 'warm')
  write.writePoint(point)
}
try {
  await write.close()
} catch (error) {
  failures.push({ status: error.statusCode, code: error.code, message: error.message })
}
console.log(JSON.stringify({ failures, retries }))
