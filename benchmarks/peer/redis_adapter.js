// Storage of the peer in Redis, after the adapter contract of its documentation: one hash or string per item,
// a list of keys per grant for revocation, expiry by Redis. One round trip per call.
import { Redis } from 'ioredis';

const consumable = new Set(['AuthorizationCode', 'PushedAuthorizationRequest', 'RefreshToken', 'DeviceCode', 'BackchannelAuthenticationRequest']);
const grantable = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken', 'DeviceCode', 'BackchannelAuthenticationRequest']);

export function redisAdapter(url) {
  const redis = new Redis(url, { keyPrefix: 'peer:' });

  return class {
    constructor(name) { this.name = name; }

    key(id) { return `${this.name}:${id}`; }

    async upsert(id, payload, expiresIn) {
      const key = this.key(id);
      const multi = redis.multi();
      if (consumable.has(this.name)) multi.hset(key, { payload: JSON.stringify(payload) });
      else multi.set(key, JSON.stringify(payload));
      if (expiresIn) multi.expire(key, expiresIn);
      if (grantable.has(this.name) && payload.grantId) {
        const list = `grant:${payload.grantId}`;
        multi.rpush(list, key);
        if (expiresIn) multi.expire(list, Math.max(expiresIn, 86400));
      }
      if (payload.uid) { multi.set(`uid:${payload.uid}`, id); if (expiresIn) multi.expire(`uid:${payload.uid}`, expiresIn); }
      await multi.exec();
    }

    async find(id) {
      if (consumable.has(this.name)) {
        const found = await redis.hgetall(this.key(id));
        if (!found.payload) return undefined;
        const { payload, ...rest } = found;
        return { ...rest, ...JSON.parse(payload) };
      }
      const found = await redis.get(this.key(id));
      return found ? JSON.parse(found) : undefined;
    }

    async findByUid(uid) { const id = await redis.get(`uid:${uid}`); return id ? this.find(id) : undefined; }

    async findByUserCode() { return undefined; }

    async destroy(id) { await redis.del(this.key(id)); }

    async revokeByGrantId(grantId) {
      const list = `grant:${grantId}`;
      const keys = await redis.lrange(list, 0, -1);
      await redis.del(list, ...keys);
    }

    async consume(id) { await redis.hset(this.key(id), 'consumed', Math.floor(Date.now() / 1000)); }
  };
}
