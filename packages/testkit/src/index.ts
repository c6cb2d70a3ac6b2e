export {
  type Cluster,
  type ClusterEvent,
  type ClusterOptions,
  startCluster,
  type WiredParts,
  type Wiring,
} from "./cluster.ts";
export { UsageError } from "./cluster-arguments.ts";
export { serverMain } from "./cluster-env.ts";
export { describeEvent } from "./cluster-messages.ts";
export { createTestDatabase, query, type TestDatabase } from "./database.ts";
export { type Disposal, startAll } from "./disposal.ts";
export { type Embedded, startEmbedded } from "./embedded.ts";
export { type EventuallyOptions, eventually } from "./eventually.ts";
export type { ReceivedFrame } from "./frame-queue.ts";
export { killConnections, type OwnRedis, startOwnRedis } from "./own-redis.ts";
export { infraFile, repositoryRoot } from "./paths.ts";
export { Person, publish, receive, subscribe, tryPublish } from "./people.ts";
export { askRedis } from "./services/ask-redis.ts";
export { type Certificates, makeCertificates } from "./services/certificates.ts";
export { openDataDirectory } from "./services/data-directory.ts";
export { freePort } from "./services/free-port.ts";
export { installPackage } from "./services/install.ts";
export { type NginxOptions, type NginxService, startNginx } from "./services/nginx.ts";
export { type PatroniService, startPatroni } from "./services/patroni.ts";
export { type PostgresOptions, type PostgresService, startPostgres } from "./services/postgres.ts";
export { type PrometheusService, promtool, startPrometheus } from "./services/prometheus.ts";
export { type RedisOptions, type RedisService, startRedis } from "./services/redis.ts";
export { run, succeeds } from "./services/run.ts";
export { type S3Server, startS3Server } from "./services/s3.ts";
export { type SentinelNode, type SentinelService, startSentinel } from "./services/sentinel.ts";
export type { Service } from "./services/service.ts";
export { type StandbyService, startStandby } from "./services/standby.ts";
export { type Direction, startTcpProxy, type TcpProxy } from "./services/tcp-proxy.ts";
export type { ClusterProcess } from "./supervised.ts";
export { type Close, connectWs, type WsClient, type WsClientOptions } from "./ws-client.ts";
