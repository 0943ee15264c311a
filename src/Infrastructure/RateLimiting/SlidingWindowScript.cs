namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>
/// What <see cref="KeyCounter"/> does, as one atomic step in Redis: a line here is a line there, and tests hold both to the same answers.
/// All numbers stay below 2^53, which Lua's hold exactly. Question, state and answer are packed as <see cref="CounterState"/> has them.
/// </summary>
internal static class SlidingWindowScript
{
    /// <summary>
    /// KEYS[1]: the counter. ARGV[1]: the state that the asking node knew last, or nothing. ARGV[2] and all further ones: questions, decided one
    /// after the other. Gives the decisions, one behind the other.
    /// </summary>
    public const string Text = """
        local STATE = '<BI4I8I4I4I4I4I4I4I4I4I4I4'
        local STATE_SIZE = 53
        local MOST = 1000000000
        local LONGEST = 31536000000

        local flags, window, rq, rb, mq, mb, rcost, mcost, runshared, munshared, now
        local function read(question)
            local told
            flags, window, rq, rb, mq, mb, rcost, mcost, runshared, munshared, told = struct.unpack('<BI4I4I4I4I4I4I4I4I4I8', question)
            return told
        end

        local shortest = 0
        now = read(ARGV[2])
        if now ~= 0 then
            -- By another clock than that which ends the counter.
            shortest = 60000
        else
            local clock = redis.call('TIME')
            now = clock[1] * 1000 + math.floor(clock[2] / 1000)
        end

        local function unpack_state(bytes)
            if not bytes or #bytes < STATE_SIZE or string.byte(bytes, 1) ~= 1 then
                return nil
            end
            local _, w, i, q1, b1, q2, b2, rp, rc, rs, mp, mc, ms = struct.unpack(STATE, bytes)
            return { window = w, index = i, rq = q1, rb = b1, mq = q2, mb = b2, r = { rp, rc, rs }, m = { mp, mc, ms } }
        end

        local function used(count, elapsed, length)
            return math.floor(count[1] * (length - elapsed) / length) + count[2]
        end

        local function remaining(count, elapsed, length, quota)
            return math.max(0, quota - used(count, elapsed, length)) + count[3]
        end

        local function advance(count, windows, quota, burst)
            local unused = (quota - count[2]) + math.min(windows - 1, MOST) * quota
            count[3] = math.min(burst, count[3] + unused)
            count[1] = windows == 1 and count[2] or 0
            count[2] = 0
        end

        local function clamp(count, quota, burst)
            count[1] = math.min(count[1], quota)
            count[2] = math.min(count[2], quota)
            count[3] = math.min(count[3], burst)
        end

        local function take(count, elapsed, length, quota, cost)
            local from_quota = math.min(cost, math.max(0, quota - used(count, elapsed, length)))
            count[2] = count[2] + from_quota
            count[3] = count[3] - (cost - from_quota)
        end

        local function move(s)
            local length = s.window * 1000
            local index = math.floor(now / length)
            if index > s.index then
                advance(s.r, index - s.index, s.rq, s.rb)
                advance(s.m, index - s.index, s.mq, s.mb)
            end
            if index == s.index - 1 then
                return 0, length
            end
            s.index = index
            return now - index * length, length
        end

        local function adopt(s)
            if s.window ~= window then
                local elapsed, length = move(s)
                s.r = { 0, used(s.r, elapsed, length), s.r[3] }
                s.m = { 0, used(s.m, elapsed, length), s.m[3] }
                s.window = window
                s.index = math.floor(now / (window * 1000))
            end
            s.rq, s.rb, s.mq, s.mb = rq, rb, mq, mb
            clamp(s.r, rq, rb)
            clamp(s.m, mq, mb)
            return move(s)
        end

        local function merge(count, other)
            count[1] = math.max(count[1], other[1])
            count[2] = math.max(count[2], other[2])
            count[3] = math.min(count[3], other[3])
        end

        local known = unpack_state(ARGV[1])
        local s = unpack_state(redis.call('GET', KEYS[1])) or known
            or { window = window, index = math.floor(now / (window * 1000)), r = { 0, 0, rb }, m = { 0, 0, mb } }
        if known and known ~= s then
            local elapsed, length = adopt(s)
            take(s.r, elapsed, length, rq, math.min(runshared, remaining(s.r, elapsed, length, rq)))
            take(s.m, elapsed, length, mq, math.min(munshared, remaining(s.m, elapsed, length, mq)))
            adopt(known)
            if known.index == s.index then
                merge(s.r, known.r)
                merge(s.m, known.m)
            end
        end

        local function decide()
            local elapsed, length = adopt(s)
            local counts_requests = flags % 2 == 1
            local counts_measurements = flags >= 2
            local outcome = 1
            if counts_measurements and mcost > mq + mb then
                outcome = 2
            elseif (not counts_requests or remaining(s.r, elapsed, length, rq) >= rcost)
                and (not counts_measurements or remaining(s.m, elapsed, length, mq) >= mcost) then
                outcome = 0
                if counts_requests then
                    take(s.r, elapsed, length, rq, rcost)
                end
                if counts_measurements then
                    take(s.m, elapsed, length, mq, mcost)
                end
            end
            local state = struct.pack(STATE, 1, s.window, s.index, rq, rb, mq, mb, s.r[1], s.r[2], s.r[3], s.m[1], s.m[2], s.m[3])
            return struct.pack('<BI8', outcome, now) .. state, state
        end

        local answers = {}
        local answer, state
        for i = 2, #ARGV do
            if i > 2 then
                read(ARGV[i])
            end
            answer, state = decide()
            answers[#answers + 1] = answer
        end
        local refill = math.max(math.ceil((rb - s.r[3]) / rq), math.ceil((mb - s.m[3]) / mq))
        redis.call('SET', KEYS[1], state, 'PX', string.format('%.0f', math.max(shortest, math.min(LONGEST, (2 + refill) * s.window * 1000))))
        return table.concat(answers)
        """;
}
