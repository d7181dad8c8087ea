// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the placeholders of Fn::Sub.
import { describe, expect, it } from "vitest";
import { AssemblyError, readAssembly } from "../../../../local/assembly/reader.ts";
import { functionWith, place, queue, read } from "./assembly-folder.ts";

const table = {
  Type: "AWS::DynamoDB::GlobalTable",
  Properties: {
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    StreamSpecification: { StreamViewType: "NEW_IMAGE" },
    TimeToLiveSpecification: { AttributeName: "expires", Enabled: true },
    Replicas: [{ Region: "us-east-1", DeletionProtectionEnabled: true, Tags: [{ Key: "a", Value: "b" }] }],
  },
};

describe("what the reader makes of an assembly", () => {
  it("names what the template leaves unnamed after stack and logical id", () => {
    const { queues } = read({ Shop: { Resources: { Orders: queue(), Named: queue({ QueueName: "named" }) } } });
    expect(queues.map(({ name }) => name)).toEqual(["Shop-Orders", "named"]);
    expect(queues[0]).toMatchObject({
      arn: "arn:aws:sqs:us-east-1:000000000000:Shop-Orders",
      url: "http://127.0.0.1:4001/000000000000/Shop-Orders",
      visibilityTimeoutSeconds: 30,
    });
  });

  it("keeps long generated names within the limit and apart", () => {
    const id = "L".repeat(90);
    const { queues } = read({ S: { Resources: { [`${id}1`]: queue(), [`${id}2`]: queue() } } });
    expect(new Set(queues.map(({ name }) => name)).size).toBe(2);
    for (const { name } of queues) expect(name.length).toBeLessThanOrEqual(80);
  });

  it("reads a table with its stream and its time to live", () => {
    const [found] = read({ Data: { Resources: { Table: table } } }).tables;
    expect(found).toMatchObject({
      name: "Data-Table",
      streamViewType: "NEW_IMAGE",
      ttlAttribute: "expires",
      indexes: [],
    });
    expect(found?.streamArn).toMatch(/^arn:aws:dynamodb:us-east-1:000000000000:table\/Data-Table\/stream\//);
  });

  it("takes numbers and booleans that are written as texts", () => {
    const [found] = read({ S: { Resources: { Q: queue({ VisibilityTimeout: "90", FifoQueue: "false" }) } } }).queues;
    expect(found?.visibilityTimeoutSeconds).toBe(90);
  });

  it("gives a function its own code, environment and every statement of its role", () => {
    const statement = {
      Effect: "Allow",
      Action: ["sqs:SendMessage", "sqs:GetQueueUrl"],
      Resource: { "Fn::GetAtt": ["Q", "Arn"] },
    };
    const conditional = {
      Effect: "Allow",
      Action: "dynamodb:GetItem",
      Resource: "*",
      Condition: {
        "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["A#*", "B#*"] },
        Null: { "dynamodb:LeadingKeys": false },
      },
    };
    const resources = functionWith({ Environment: { Variables: { QUEUE: { Ref: "Q" }, N: 5 } } }, [
      statement,
      conditional,
    ]);
    const [fn] = read({ S: { Resources: { Q: queue(), ...resources } } }).functions;
    expect(fn?.codePath).toMatch(/asset\.code$/);
    expect(fn?.environment).toEqual({ QUEUE: "http://127.0.0.1:4001/000000000000/S-Q", N: "5" });
    expect(fn?.policies).toEqual([
      {
        effect: "Allow",
        actions: ["sqs:SendMessage", "sqs:GetQueueUrl"],
        resources: ["arn:aws:sqs:us-east-1:000000000000:S-Q"],
        conditions: {},
      },
      {
        effect: "Allow",
        actions: ["dynamodb:GetItem"],
        resources: ["*"],
        conditions: {
          "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["A#*", "B#*"] },
          Null: { "dynamodb:LeadingKeys": ["false"] },
        },
      },
    ]);
  });

  it("adds the statements of AWS's basic policy, and knows no other by chance", () => {
    const withManaged = (name: string) => ({
      ...functionWith(),
      Role: {
        Type: "AWS::IAM::Role",
        Properties: {
          ManagedPolicyArns: [{ "Fn::Sub": `arn:\${AWS::Partition}:iam::aws:policy/service-role/${name}` }],
        },
      },
    });
    const [fn] = read({ S: { Resources: withManaged("AWSLambdaBasicExecutionRole") } }).functions;
    expect(fn?.policies[0]?.actions).toContain("logs:PutLogEvents");
    expect(() => read({ S: { Resources: withManaged("AdministratorAccess") } })).toThrow(
      /AdministratorAccess is not known/,
    );
  });

  it("follows exports, outputs and stored parameters from stack to stack", () => {
    const data = {
      Resources: {
        Q: queue(),
        Stored: {
          Type: "AWS::SSM::Parameter",
          Properties: { Name: "/q/arn", Type: "String", Value: { "Fn::GetAtt": ["Q", "Arn"] } },
        },
      },
      Outputs: { Url: { Value: { Ref: "Q" }, Export: { Name: "queue-url" } } },
    };
    const user = {
      Parameters: { Arn: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/q/arn" } },
      Resources: functionWith({
        Environment: {
          Variables: {
            IMPORTED: { "Fn::ImportValue": "queue-url" },
            OUTPUT: { "Fn::GetStackOutput": { StackName: "Data", OutputName: "Url" } },
            STORED: { Ref: "Arn" },
            DYNAMIC: "{{resolve:ssm:/q/arn}}",
          },
        },
      }),
    };
    const [fn] = read({ User: user, Data: data }).functions;
    const url = "http://127.0.0.1:4001/000000000000/Data-Q";
    const arn = "arn:aws:sqs:us-east-1:000000000000:Data-Q";
    expect(fn?.environment).toEqual({ IMPORTED: url, OUTPUT: url, STORED: arn, DYNAMIC: arn });
  });

  it("puts local addresses where templates compose AWS's own", () => {
    const api = { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "shop", ProtocolType: "HTTP" } };
    const stage = { Type: "AWS::ApiGatewayV2::Stage", Properties: { ApiId: { Ref: "Api" }, StageName: "$default" } };
    const pool = { Type: "AWS::Cognito::UserPool", Properties: {} };
    const { outputs } = read({
      S: {
        Resources: { Api: api, Stage: stage, Pool: pool },
        Outputs: {
          Api: { Value: { "Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/v1" } },
          Issuer: { Value: { "Fn::Sub": "https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}" } },
          SignIn: { Value: { "Fn::Sub": "https://shop.auth.${AWS::Region}.amazoncognito.com/login" } },
        },
      },
    });
    expect(outputs).toEqual({
      "S.Api": "http://127.0.0.1:4010/v1",
      "S.Issuer": "http://127.0.0.1:4006",
      "S.SignIn": "http://127.0.0.1:4006/login",
    });
  });

  it("leaves out resources whose condition does not hold", () => {
    const { queues } = read({
      S: {
        Conditions: { Never: { "Fn::Equals": [{ Ref: "AWS::Region" }, "nowhere"] } },
        Resources: { Q: { ...queue(), Condition: "Never" }, R: queue() },
      },
    });
    expect(queues.map(({ name }) => name)).toEqual(["S-R"]);
  });

  it("sends failures of a scheduled function where the function itself says", () => {
    const schedule = {
      Type: "AWS::Scheduler::Schedule",
      Properties: {
        ScheduleExpression: "rate(1 hour)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: { "Fn::GetAtt": ["Fn", "Arn"] }, RoleArn: "any" },
      },
    };
    const resources = functionWith({ DeadLetterConfig: { TargetArn: { "Fn::GetAtt": ["Dead", "Arn"] } } });
    const { schedules } = read({ S: { Resources: { ...resources, Dead: queue(), Hourly: schedule } } });
    expect(schedules[0]?.target.deadLetterArn).toBe("arn:aws:sqs:us-east-1:000000000000:S-Dead");
  });

  it("takes region and account from the assembly where it names them", () => {
    const { queues } = read({ S: { Resources: { Q: queue() } } }, "aws://123456789012/eu-west-1");
    expect(queues[0]?.arn).toBe("arn:aws:sqs:eu-west-1:123456789012:S-Q");
  });
});

describe("what stops the start, each in one sentence", () => {
  const esm = (properties: object) => ({ Type: "AWS::Lambda::EventSourceMapping", Properties: properties });
  it.each([
    [
      "an unknown type",
      { B: { Type: "AWS::S3::Bucket" } },
      /Stack S, resource B \(AWS::S3::Bucket\): its type is not emulated; /,
    ],
    [
      "an unknown property",
      { Q: queue({ Colour: "red" }) },
      /resource Q \(AWS::SQS::Queue\): the property Colour is not emulated; /,
    ],
    [
      "an unknown nested property",
      { T: { ...table, Properties: { ...table.Properties, Replicas: [{ Region: "r", Kinesis: {} }] } } },
      /resource T .*: the property Replicas\.0\.Kinesis is not emulated; /,
    ],
    ["a value that is not emulated", { Q: queue({ FifoQueue: true }) }, /the value of FifoQueue is not emulated/],
    [
      "a secret",
      functionWith({ Environment: { Variables: { A: "{{resolve:secretsmanager:x}}" } } }),
      /cannot be resolved on a laptop/,
    ],
    ["inline code", functionWith({ Code: { ZipFile: "x" } }), /Code/],
    ["another runtime", functionWith({ Runtime: "python3.13" }), /only Node\.js runtimes run here/],
    [
      "an attribute that is not emulated",
      { Q: queue(), R: queue({ QueueName: { "Fn::GetAtt": ["Q", "Age"] } }) },
      /the attribute Age is not emulated/,
    ],
    [
      "a reference to nothing",
      { Q: queue({ QueueName: { Ref: "Nobody" } }) },
      /Stack S refers to Nobody, which it does not hold/,
    ],
    [
      "an import of nothing",
      { Q: queue({ QueueName: { "Fn::ImportValue": "x" } }) },
      /No stack of the assembly exports x/,
    ],
    ["a circle", { Q: queue({ QueueName: { Ref: "Q" } }) }, /refers to itself in a circle/],
    [
      "an event source that is elsewhere",
      {
        ...functionWith(),
        M: esm({ EventSourceArn: "arn:aws:sqs:us-east-1:1:elsewhere", FunctionName: { Ref: "Fn" } }),
      },
      /elsewhere, which is not part of the assembly/,
    ],
    [
      "two user pools",
      { A: { Type: "AWS::Cognito::UserPool" }, B: { Type: "AWS::Cognito::UserPool" } },
      /several user pools/,
    ],
  ])("refuses %s", (_, resources, message) => {
    const attempt = () => read({ S: { Resources: resources } });
    expect(attempt).toThrow(AssemblyError);
    expect(attempt).toThrow(message);
  });

  it("asks for a synthesis when there is no assembly", () => {
    const urls = { sqs: "", oidcIssuer: "", apis: {} };
    expect(() => readAssembly("/nowhere", { ...place, urls })).toThrow(
      /No cloud assembly in \/nowhere: synthesize it first/,
    );
  });
});
