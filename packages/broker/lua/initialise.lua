--[[
Starts an epoch of a room, unless the room has a numbering of this run that is not behind the seq that the caller has seen.

KEYS  1  head of the room (hash, see accept.lua)
      2  tail of the room (stream, id <seq>-0)
      3  counters of the shard (hash, see accept.lua)
ARGV  1  run id of the server that the caller believes it talks to
      2  epoch to start
      3  seq above which the epoch numbers
      4  highest seq that the caller has seen
      5  a new, unique log id
Returns the present { epoch, seq, durable } as strings.

A log without an id gets one. No event is appended before a room is initialised, so a flushed log never has its former id.

Atomicity: all reads of the room come before its one HSET. Numbers never go back: the new seq is not below any seq that this Redis
has given, the new epoch is above the old one.

The expiry of the tail is renewed here: accept.lua renews it only for the first event after a completely committed tail.
]]
local HEAD, TAIL = KEYS[1], KEYS[2]
local run, epoch, seq, seen = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ROOM_SECONDS = 2592000

redis.call('HSETNX', KEYS[3], 'born', ARGV[5])
local known = redis.call('HMGET', HEAD, 'epoch', 'seq', 'run', 'durable')
local known_seq = tonumber(known[2] or 0)
if known[1] and known[3] == run and known_seq >= seen then
  return { known[1], known[2], known[4] or '0' }
end

local newest = redis.call('XREVRANGE', TAIL, '+', '-', 'COUNT', 1)[1]
if newest then known_seq = math.max(known_seq, tonumber(string.match(newest[1], '^%d+'))) end
local new_epoch = string.format('%.0f', math.max(epoch, tonumber(known[1] or -1) + 1))
local new_seq = string.format('%.0f', math.max(seq, seen, known_seq))
redis.call('HSET', HEAD, 'epoch', new_epoch, 'seq', new_seq, 'run', run)
redis.call('EXPIRE', HEAD, ROOM_SECONDS)
redis.call('EXPIRE', TAIL, ROOM_SECONDS)
return { new_epoch, new_seq, known[4] or '0' }
