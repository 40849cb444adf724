# Reads an exposition on standard input and prints its samples as JSON: the reader that the tests compare with.
import json
import sys

if sys.argv[1] == "openmetrics":
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
else:
    from prometheus_client.parser import text_string_to_metric_families

text = sys.stdin.buffer.read().decode("utf-8")
samples = []
try:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            samples.append({
                "Family": family.name,
                "Type": family.type,
                "Help": family.documentation,
                "Name": sample.name,
                "Labels": sample.labels,
                "Value": repr(float(sample.value)),
                "Exemplar": sample.exemplar and {"Labels": sample.exemplar.labels, "Value": repr(float(sample.exemplar.value))},
            })
except Exception as error:
    json.dump({"Error": f"{type(error).__name__}: {error}", "Samples": []}, sys.stdout)
else:
    json.dump({"Error": None, "Samples": samples}, sys.stdout)
