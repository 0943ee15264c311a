// The official client of InfluxDB 2: prints what happened as one line of JSON.
import { InfluxDB, Point } from '@influxdata/influxdb-client'

const [url, token, bucket, scenario] = process.argv.slice(2)
const points = 250
const failures = []
let [retries, done] = [0, 0]
const options = {
  batchSize: 100,
  flushInterval: 0,
  maxRetries: 500,
  retryJitter: 50,
  gzipThreshold: scenario === 'plain' ? 1_000_000 : 0,
  writeSuccess(lines) {
    done += lines.length
  },
  writeFailed(error, lines) {
    if (typeof error.canRetry === 'function' && error.canRetry()) {
      retries++
    } else {
      done += lines.length
      failures.push({ status: error.statusCode, code: error.code, line: error.json?.line, message: error.message, lines: lines.length })
    }
  },
}
const write = new InfluxDB({ url, token }).getWriteApi('any organization', bucket, 'ms', options)
for (let i = 0; i < points; i++) {
  const point = new Point('climate').tag('device', `${scenario} house ${i % 5}`).tag('place', 'a=b').floatField('temperature', i / 4)
  point.intField('count', i).booleanField('open', i % 2 === 0).stringField('note', 'say "hi"\\').timestamp(1764000000000 + i)
  if (scenario === 'partial' && i === 7) point.stringField('temperature', 'warm')
  write.writePoint(point)
}
try {
  await write.flush()
} catch {
  // Told to writeFailed already.
}

// Closing gives up what waits to be sent again.
for (const end = Date.now() + 60_000; done < points && Date.now() < end;) await new Promise(resolve => setTimeout(resolve, 50))
try {
  await write.close()
} catch (error) {
  failures.push({ status: error.statusCode, code: error.code, message: error.message })
}
console.log(JSON.stringify({ failures, retries }))
