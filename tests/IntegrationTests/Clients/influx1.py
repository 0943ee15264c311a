"""The client of InfluxDB 1 for Python: prints what happened as one line of JSON."""
import json
import sys
from urllib.parse import urlparse

from influxdb import InfluxDBClient
from influxdb.exceptions import InfluxDBClientError

url, password, database = sys.argv[1:4]
address = urlparse(url)
client = InfluxDBClient(address.hostname, address.port, "any", password, database, gzip=len(sys.argv) > 4)


def point(i, temperature):
    return {
        "measurement": "climate",
        "tags": {"device": "python one", "place": "d=e"},
        "time": 1764000000000 + i,
        "fields": {"temperature": temperature, "count": i, "open": True, "note": 'say "hi"'},
    }


outcome = {"version": client.ping()}
outcome["stored"] = client.write_points([point(i, i / 4) for i in range(250)], time_precision="ms", batch_size=100)
try:
    client.write_points([point(250, 62.5), point(251, "warm")], time_precision="ms")
except InfluxDBClientError as error:
    outcome["status"], outcome["refusal"] = error.code, error.content
try:
    client.create_database("another")
except InfluxDBClientError as error:
    outcome["query"] = error.code
print(json.dumps(outcome))
