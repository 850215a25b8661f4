"""The read path as lambda/template.yaml deploys it, on a local AWS that asks who calls. Run by deployed.rs.

  deployed.py deploy QUERY INGEST   makes the stack, its functions from these programs; prints where things are
  deployed.py cold QUERY            makes the stack without ingest, and measures its function's first answers
  deployed.py bucket NAME           makes a bucket
  deployed.py athena NAME           makes a bucket and a workgroup; prints keys of one who may ask but not read results' files
  deployed.py ask                   asks the API; what to expect comes as JSON on standard input
"""

import base64
import io
import json
import os
import sys
import time
import urllib.error
import urllib.request
import zipfile

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

REGION = os.environ["AWS_REGION"]
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
TEMPLATE = os.path.join(os.path.dirname(__file__), "..", "..", "lambda", "template.yaml")
STACK = "logs"
QUERY, INGEST = f"{STACK}-query", f"{STACK}-ingest"
PATIENCE = 60
ROUNDS = 7
INVOKE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]}


def client(service, user=None):
    session = botocore.session.get_session()
    if user:
        session.set_credentials(user.access_key, user.secret_key)
    return session.create_client(service, region_name=REGION, endpoint_url=ENDPOINT)


def package(program):
    """The zip that Lambda takes: one executable of this name."""
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o755 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, open(program, "rb") as file:
        archive.writestr(entry, file.read())
    return packed.getvalue()


def make_stack(programs):
    """The stack's outputs; its functions are these programs, by the parameter that names their zip."""
    s3, stacks = client("s3"), client("cloudformation")
    s3.create_bucket(Bucket="code")
    values = {"CodeBucket": "code", "Architecture": "x86_64"} | {name: f"{name}.zip" for name in programs}
    for name, program in programs.items():
        s3.put_object(Bucket="code", Key=values[name], Body=package(program))
    with open(TEMPLATE) as template:
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
        stacks.create_stack(
            StackName=STACK, TemplateBody=template.read(), Parameters=parameters, Capabilities=["CAPABILITY_IAM"]
        )
    stack = until(
        lambda: stacks.describe_stacks(StackName=STACK)["Stacks"][0],
        lambda stack: not stack["StackStatus"].endswith("IN_PROGRESS"),
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def deploy(query, ingest):
    outputs = make_stack({"QueryCode": query, "IngestCode": ingest})
    bucket = outputs["BucketName"]
    # The bucket refuses what comes without TLS, as all does here.
    anything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    careless = client("s3", user("careless", {"Version": "2012-10-17", "Statement": [anything]}))
    refused(careless.put_object, Bucket=bucket, Key="table/x", Body=b"x")
    client("s3").delete_bucket_policy(Bucket=bucket)
    # This AWS cannot tell which stream an iterator is of, so a right on one stream does not reach.
    records = {"Effect": "Allow", "Action": "kinesis:GetRecords", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [records]})
    client("iam").put_role_policy(RoleName=role("IngestRole"), PolicyName="records", PolicyDocument=document)
    # On AWS the functions know where AWS is.
    set_variables(INGEST, {"AWS_ENDPOINT_URL": ENDPOINT})
    print(json.dumps({"url": outputs["Url"], "bucket": bucket, "stream": outputs["StreamName"]}))


def cold(query):
    api = Api(make_stack({"QueryCode": query})["Url"], user("ann", INVOKE))
    cold, warm = [], []
    for i in range(ROUNDS):
        # A function that was changed starts anew.
        set_variables(QUERY, {"ROUND": str(i)})
        for times in (cold, warm):
            begun = time.perf_counter()
            status, _, body = api.ask("GET", "/v1/health")
            times.append((time.perf_counter() - begun) * 1000)
            assert status == 200, body
    print(f"the query function's first answer: {min(cold):.0f} ms over HTTP at best, {sorted(cold)[ROUNDS // 2]:.0f} in the middle of {ROUNDS}; ", end="")
    print(f"a later one {min(warm):.0f} ms (program of {os.path.getsize(query):,} bytes, on the local AWS)")


def set_variables(function, more):
    functions = client("lambda")
    variables = functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=function, Environment={"Variables": variables | more})


def refused(call, **arguments):
    """Fails unless the caller has no right to this."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"), error
    else:
        raise AssertionError(f"allowed: {call.__name__} {arguments}")


def until(look, is_done):
    end = time.monotonic() + PATIENCE
    while True:
        seen = look()
        if is_done(seen):
            return seen
        assert time.monotonic() < end, seen
        time.sleep(0.1)


def user(name, policy):
    """Credentials of a new user who may do this."""
    iam = client("iam")
    iam.create_user(UserName=name)
    if policy:
        iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def athena(name):
    client("s3").create_bucket(Bucket=name)
    results = {"ResultConfiguration": {"OutputLocation": f"s3://{name}/results/"}}
    client("athena").create_work_group(Name=name, Configuration=results)
    allow = lambda action, resource: {"Effect": "Allow", "Action": action, "Resource": resource}
    statements = [allow(["athena:*", "glue:Get*"], "*"), allow("s3:GetObject", f"arn:aws:s3:::{name}/table/*")]
    ann = user(name, {"Version": "2012-10-17", "Statement": statements})
    print(json.dumps({"key": ann.access_key, "secret": ann.secret_key}))


class Api:
    """The API, asked by one user; by nobody without credentials."""

    def __init__(self, url, credentials):
        # The name in the URL is for a resolver that knows it; the gateway goes by the Host header.
        self.host = url.split("//")[1].split(":")[0]
        self.credentials = credentials

    def ask(self, method, path, accept="*/*", body=None):
        """Status, headers, body."""
        headers = {"host": self.host, "accept": accept}
        request = AWSRequest(method=method, url=ENDPOINT + path, data=body, headers=headers)
        if self.credentials:
            SigV4Auth(self.credentials, "execute-api", REGION).add_auth(request)
        request = urllib.request.Request(request.url, data=body, method=method, headers=dict(request.headers))
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def run(self, sql):
        """A finished query's path."""
        status, headers, body = self.ask("POST", "/v1/queries", body=json.dumps({"sql": sql}).encode())
        assert status == 202, body
        path = headers["Location"]
        end = until(
            lambda: json.loads(self.ask("GET", path)[2]), lambda query: query["state"] not in ("QUEUED", "RUNNING")
        )
        assert end["state"] == "SUCCEEDED", end
        return path

    def page(self, path, accept, limit, cursor=None):
        cursor = f"&cursor={cursor}" if cursor else ""
        status, headers, body = self.ask("GET", f"{path}/results?limit={limit}{cursor}", accept)
        assert status == 200, (status, body)
        return headers, body


def strangers_are_refused(url, ann):
    for credentials in (None, Credentials(ann.access_key, "x" * 40), Credentials("AKIAXXXXXXXXXXXXXXXX", "x" * 40), user("eve", None)):
        status, _, body = Api(url, credentials).ask("GET", "/v1/schema")
        assert status == 403, (status, body)


def records_come_back(ann, records):
    path = ann.run("SELECT * FROM logs")
    lines, cursor = [], None
    while True:
        headers, body = ann.page(path, "application/x-ndjson", 200, cursor)
        assert headers["Fidelog-Exact"] == "true"
        lines += body.removesuffix(b"\n").split(b"\n")
        cursor = headers["Fidelog-Next"]
        if not cursor:
            break
    assert sorted(lines) == sorted(records), (len(lines), len(records))
    # Bytes pass the gateway as they are.
    _, block = ann.page(path, "application/vnd.fidelog.block", 200)
    _, body = ann.page(path, "application/json; block=base64", 200)
    assert base64.b64decode(json.loads(body)["block"]) == block and len(block) > 100
    return path


def nobody_elses(path, ann, bob):
    for method, target in (("GET", path), ("GET", f"{path}/results"), ("DELETE", path)):
        status, _, body = bob.ask(method, target)
        assert (status, json.loads(body)["code"]) == (404, "not_found"), (method, target)
    cursor = ann.page(path, "*/*", 5)[0]["Fidelog-Next"]
    own = bob.run("SELECT * FROM logs")
    status, _, body = bob.ask("GET", f"{own}/results?cursor={cursor}")
    assert (status, json.loads(body)["code"]) == (400, "bad_cursor"), body
    assert ann.ask("GET", path)[0] == 200


def role(name):
    """A role's name by that in the template."""
    resources = client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    return next(r["PhysicalResourceId"] for r in resources if r["LogicalResourceId"] == name)


def a_user_like(function_role, policy):
    """Clients of one who may do what a function may."""
    document = client("iam").get_role_policy(RoleName=role(function_role), PolicyName=policy)["PolicyDocument"]
    like_it = user(f"like-{policy}", document)
    return lambda service: client(service, like_it)


def roles_reach_no_further(bucket, stream):
    client("s3").put_object(Bucket=bucket, Key="other/x", Body=b"x")
    client("athena").create_work_group(Name="other")
    table = {"DatabaseName": "fidelog", "Name": "logs"}

    query = a_user_like("QueryRole", "query")
    s3 = query("s3")
    s3.put_object(Bucket=bucket, Key="results/x", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="results/x")["Body"].read() == b"x"
    refused(s3.put_object, Bucket=bucket, Key="table/x", Body=b"x")
    refused(s3.delete_object, Bucket=bucket, Key="table/x")
    refused(s3.get_object, Bucket=bucket, Key="other/x")
    refused(s3.list_objects_v2, Bucket=bucket, Prefix="other/")
    refused(s3.put_object, Bucket="code", Key="results/x", Body=b"x")
    refused(query("athena").start_query_execution, QueryString="SELECT 1", WorkGroup="other")
    refused(query("glue").delete_table, **table)
    refused(query("kinesis").put_record, StreamName=stream, Data=b"x", PartitionKey="k")

    ingest = a_user_like("IngestRole", "ingest")
    s3 = ingest("s3")
    refused(s3.put_object, Bucket=bucket, Key="results/x", Body=b"x")
    refused(s3.get_object, Bucket=bucket, Key="results/x")
    refused(s3.delete_object, Bucket=bucket, Key="table/x")
    refused(ingest("glue").delete_table, **table)
    refused(ingest("kinesis").put_record, StreamName=stream, Data=b"x", PartitionKey="k")


def ask(task):
    # On AWS Athena is where all else is; here it is a server of its own, with the files of its results.
    set_variables(QUERY, {"AWS_ENDPOINT_URL_ATHENA": task["athena"], "AWS_ENDPOINT_URL_S3": task["athena"]})
    ann, bob = user("ann", INVOKE), user("bob", INVOKE)
    strangers_are_refused(task["url"], ann)
    records = [base64.b64decode(record) for record in task["records"]]
    ann, bob = Api(task["url"], ann), Api(task["url"], bob)
    path = records_come_back(ann, records)
    nobody_elses(path, ann, bob)
    status, _, body = ann.ask("GET", "/v1/query?sql=DROP%20TABLE%20logs")
    assert (status, json.loads(body)["code"]) == (400, "sql_refused"), body
    roles_reach_no_further(task["bucket"], task["stream"])


if sys.argv[1] == "deploy":
    deploy(*sys.argv[2:])
elif sys.argv[1] == "cold":
    cold(sys.argv[2])
elif sys.argv[1] == "bucket":
    client("s3").create_bucket(Bucket=sys.argv[2])
elif sys.argv[1] == "athena":
    athena(sys.argv[2])
else:
    ask(json.load(sys.stdin))
