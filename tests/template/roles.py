"""What the roles of the CloudFormation template may do: least privilege, checked on the template itself."""

import sys

from cfnlint.decode import cfn_yaml

# All that each role may do, and where: prefixes of the bucket, or the kind of resource.
MAY = {
    "QueryRole": {
        ("athena:StartQueryExecution", "workgroup"),
        ("athena:GetQueryExecution", "workgroup"),
        ("athena:GetQueryResults", "workgroup"),
        ("athena:StopQueryExecution", "workgroup"),
        ("athena:GetTableMetadata", "datacatalog"),
        ("glue:GetDatabase", "glue"),
        ("glue:GetTable", "glue"),
        ("s3:GetObject", "table/"),
        ("s3:GetObject", "results/"),
        ("s3:PutObject", "results/"),
        ("s3:AbortMultipartUpload", "results/"),
        ("s3:ListMultipartUploadParts", "results/"),
        ("s3:GetBucketLocation", "bucket"),
        ("s3:ListBucket", "bucket"),
        ("logs:CreateLogStream", "logs"),
        ("logs:PutLogEvents", "logs"),
    },
    "IngestRole": {
        ("kinesis:DescribeStream", "stream"),
        ("kinesis:DescribeStreamSummary", "stream"),
        ("kinesis:GetRecords", "stream"),
        ("kinesis:GetShardIterator", "stream"),
        ("kinesis:ListShards", "stream"),
        ("s3:GetObject", "table/"),
        ("s3:PutObject", "table/"),
        ("s3:AbortMultipartUpload", "table/"),
        ("s3:ListBucket", "bucket"),
        ("glue:GetDatabase", "glue"),
        ("glue:GetTable", "glue"),
        ("glue:CreateTable", "glue"),
        ("glue:UpdateTable", "glue"),
        ("logs:CreateLogStream", "logs"),
        ("logs:PutLogEvents", "logs"),
    },
    "OptimizerRole": {
        ("s3:GetObject", "table/"),
        ("s3:PutObject", "table/"),
        ("s3:DeleteObject", "table/"),
        ("s3:ListBucket", "bucket"),
        ("glue:GetTable", "glue"),
        ("glue:UpdateTable", "glue"),
        ("logs:CreateLogGroup", "logs"),
        ("logs:CreateLogStream", "logs"),
        ("logs:PutLogEvents", "logs"),
    },
}


def as_list(value):
    return value if isinstance(value, list) else [value]


def place(resource):
    """Where a resource of a statement is; an error for what is wider than it need be."""
    if "Fn::GetAtt" in resource:
        name = ".".join(as_list(resource["Fn::GetAtt"]))
        return {"Bucket.Arn": "bucket", "QueryLogs.Arn": "logs", "IngestLogs.Arn": "logs", "Stream.Arn": "stream"}[name]
    text = resource["Fn::Sub"]
    for prefix in ("table/", "results/"):
        if text == "${Bucket.Arn}/%s*" % prefix:
            return prefix
    kind, rest = text.removeprefix("arn:${AWS::Partition}:").split(":${AWS::Region}:${AWS::AccountId}:")
    exact = {
        ("athena", "workgroup/${WorkGroup}"): "workgroup",
        ("athena", "datacatalog/AwsDataCatalog"): "datacatalog",
        ("glue", "catalog"): "glue",
        ("glue", "database/${GlueDatabase}"): "glue",
        ("glue", "table/${GlueDatabase}/${Table}"): "glue",
        ("logs", "log-group:/aws-glue/iceberg-*"): "logs",
    }
    return exact[(kind, rest)]


def main(path):
    template = cfn_yaml.load(path)
    resources = template["Resources"]
    roles = {name for name, resource in resources.items() if resource["Type"].startswith("AWS::IAM::")}
    assert roles == set(MAY), roles
    for role in sorted(roles):
        properties = resources[role]["Properties"]
        assert "ManagedPolicyArns" not in properties, role
        may = set()
        for policy in properties["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                assert statement["Effect"] == "Allow" and "NotAction" not in statement, statement
                places = {place(resource) for resource in as_list(statement["Resource"])}
                for action in as_list(statement["Action"]):
                    assert "*" not in action, action
                    assert action != "s3:ListBucket" or "Condition" in statement, role
                    may |= {(action, where) for where in places}
        assert may == MAY[role], (role, may ^ MAY[role])
    for name, resource in resources.items():
        if resource["Type"] == "AWS::ApiGatewayV2::Route":
            kinds = resource["Properties"]["AuthorizationType"]["Fn::If"][1:]
            assert set(kinds) == {"JWT", "AWS_IAM"}, name
    print(f"{len(roles)} roles may do what they need and nothing else")


main(sys.argv[1])
