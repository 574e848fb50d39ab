package org.autotls.testkit;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.autotls.testkit.FakeCa.Kind;
import org.autotls.testkit.FakeCa.Reply;

/**
 * The rate limits that a {@link FakeCa} enforces with token buckets, and how often it had to. Every refusal carries a
 * Retry-After, in seconds and as a date in turn (RFC 9110 §10.2.3); those at the edge are 503 and 429 in turn, without a
 * problem document.
 *
 * <p>Like Let's Encrypt's, a renewal that names the certificate it replaces (RFC 9773 §5) spends neither new orders nor
 * certificates. The registered domain is taken to be the last two labels; an IPv4 address and the 64 bits of an IPv6 network
 * count as one.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public final class FakeCaLimits {

    /** What was refused. */
    public enum Limit {
        /** Requests of one kind per second, answered before anybody looks at them. */
        REQUESTS,
        /** New orders per account. */
        NEW_ORDERS,
        /** Certificates for exactly these names. */
        EXACT_SET,
        /** Certificates below one registered domain. */
        REGISTERED_DOMAIN,
        /** Failed authorizations per name and account. */
        FAILED_AUTHORIZATIONS,
        /** Failed so often without a success that a person has to say it shall go on. */
        PAUSED
    }

    private record Size(int capacity, Duration interval) {}

    private final InstantSource clock;

    // All guarded by this.
    private final Map<Kind, TokenBucket> edge = new EnumMap<>(Kind.class);
    private final Map<Limit, Size> sizes = new EnumMap<>(Limit.class);
    private final Map<String, TokenBucket> buckets = new HashMap<>();
    private final Map<String, Integer> failuresInARow = new HashMap<>();
    private final Map<Limit, Long> refused = new EnumMap<>(Limit.class);
    private int pausedAfter = Integer.MAX_VALUE;
    private long refusals;

    private FakeCaLimits(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Limits nothing, until told to.
     *
     * @param clock what limits are measured by
     * @return no limits
     */
    public static FakeCaLimits none(InstantSource clock) {
        return new FakeCaLimits(clock);
    }

    /**
     * Returns what Let's Encrypt publishes (letsencrypt.org/docs/rate-limits, read in August 2026).
     *
     * @param clock what limits are measured by
     * @return limits with full buckets
     */
    public static FakeCaLimits letsEncrypt(InstantSource clock) {
        return none(clock)
                .requests(Kind.DIRECTORY, 40, 40)
                .requests(Kind.NEW_NONCE, 20, 10)
                .requests(Kind.NEW_ACCOUNT, 5, 15)
                .requests(Kind.NEW_ORDER, 300, 200)
                .requests(Kind.REVOKE, 10, 100)
                .per(Limit.NEW_ORDERS, 300, Duration.ofHours(3))
                .per(Limit.EXACT_SET, 5, Duration.ofDays(7))
                .per(Limit.REGISTERED_DOMAIN, 50, Duration.ofDays(7))
                .per(Limit.FAILED_AUTHORIZATIONS, 5, Duration.ofHours(1))
                .pausedAfter(1152);
    }

    /**
     * Limits the requests of a kind.
     *
     * @param kind which
     * @param perSecond how many are answered in the long run
     * @param burst how many at once
     * @return this
     */
    public synchronized FakeCaLimits requests(Kind kind, int perSecond, int burst) {
        edge.put(kind, new TokenBucket(burst, Duration.ofSeconds(1).dividedBy(perSecond)));
        return this;
    }

    /**
     * Sets one of the other limits.
     *
     * @param limit neither {@code REQUESTS} nor {@code PAUSED}
     * @param count how many at once, and in each period in the long run
     * @param period in which an empty bucket fills again
     * @return this
     */
    public synchronized FakeCaLimits per(Limit limit, int count, Duration period) {
        sizes.put(limit, new Size(count, period.dividedBy(count)));
        return this;
    }

    /**
     * Sets after how many failed authorizations in a row a name is paused.
     *
     * @param failures for one name and account
     * @return this
     */
    public synchronized FakeCaLimits pausedAfter(int failures) {
        pausedAfter = failures;
        return this;
    }

    /**
     * Does what the person does who follows the link.
     *
     * @param name the name
     */
    public synchronized void unpause(String name) {
        failuresInARow.keySet().removeIf(key -> key.endsWith(" " + name));
    }

    /**
     * Returns how often each limit refused something.
     *
     * @return only those that did
     */
    public synchronized Map<Limit, Long> refused() {
        return Map.copyOf(refused);
    }

    /** The answer to a request that comes too soon. */
    synchronized Optional<Reply> atEdge(Kind kind) {
        TokenBucket bucket = edge.get(kind);
        Duration wait = bucket == null ? Duration.ZERO : bucket.untilNext(clock.instant());
        if (bucket == null || wait.isZero()) {
            Optional.ofNullable(bucket).ifPresent(known -> known.take(clock.instant()));
            return Optional.empty();
        }
        count(Limit.REQUESTS);
        return Optional.of(
                new Reply(refusals % 2 == 0 ? 429 : 503, Map.of("Retry-After", retryAfter(wait)), new byte[0]));
    }

    /** Checks what newOrder checks, and spends what it spends. */
    synchronized void ordered(String account, List<String> names, boolean replaces) {
        for (String name : names) {
            if (failuresInARow.getOrDefault(account + " " + name, 0) >= pausedAfter) {
                count(Limit.PAUSED);
                throw new Refusal(
                        429,
                        "rateLimited",
                        "Your account is temporarily prevented from requesting certificates for " + name
                                + " and possibly others. Please visit: https://portal.fake-ca.example/unpause?jwt=e30."
                                + name);
            }
            check(Limit.FAILED_AUTHORIZATIONS, account + " " + name);
        }
        if (!replaces) {
            check(Limit.EXACT_SET, new TreeSet<>(names).toString());
            names.forEach(name -> check(Limit.REGISTERED_DOMAIN, registeredDomain(name)));
            check(Limit.NEW_ORDERS, account);
            spend(Limit.NEW_ORDERS, account);
        }
    }

    /**
     * Asks for an order without a CA, for models of one; it is spent if there is one.
     *
     * @param account who asks
     * @param names for what
     * @param replaces whether it names what it replaces
     * @return whether a CA with these limits would take it
     */
    public boolean takesOrder(String account, List<String> names, boolean replaces) {
        try {
            ordered(account, names, replaces);
            return true;
        } catch (Refusal refused) {
            return false;
        }
    }

    /**
     * Counts an authorization.
     *
     * @param account whose
     * @param name what it was about
     * @param proved how it ended
     */
    public synchronized void validated(String account, String name, boolean proved) {
        if (proved) {
            failuresInARow.remove(account + " " + name);
        } else {
            failuresInARow.merge(account + " " + name, 1, Integer::sum);
            spend(Limit.FAILED_AUTHORIZATIONS, account + " " + name);
        }
    }

    /**
     * Counts a certificate.
     *
     * @param names for what
     * @param replaces whether its order named what it replaces
     */
    public synchronized void issued(List<String> names, boolean replaces) {
        if (!replaces) {
            spend(Limit.EXACT_SET, new TreeSet<>(names).toString());
            names.stream()
                    .map(FakeCaLimits::registeredDomain)
                    .distinct()
                    .forEach(domain -> spend(Limit.REGISTERED_DOMAIN, domain));
        }
    }

    private void check(Limit limit, String whose) {
        Duration wait = bucket(limit, whose)
                .map(bucket -> bucket.untilNext(clock.instant()))
                .orElse(Duration.ZERO);
        if (!wait.isZero()) {
            count(limit);
            throw new Refusal(429, "rateLimited", "too many: " + limit + " of " + whose)
                    .withHeader("Retry-After", retryAfter(wait));
        }
    }

    private void spend(Limit limit, String whose) {
        bucket(limit, whose).ifPresent(bucket -> bucket.take(clock.instant()));
    }

    private Optional<TokenBucket> bucket(Limit limit, String whose) {
        return Optional.ofNullable(sizes.get(limit))
                .map(size -> buckets.computeIfAbsent(
                        limit + " " + whose, key -> new TokenBucket(size.capacity(), size.interval())));
    }

    private void count(Limit limit) {
        refusals++;
        refused.merge(limit, 1L, Long::sum);
    }

    /** Rounded up to whole seconds: whoever comes then is let in. */
    private String retryAfter(Duration wait) {
        Duration seconds = Duration.ofSeconds(wait.plusSeconds(1).minusNanos(1).toSeconds());
        Instant date = clock.instant().plus(seconds).plusSeconds(1).minusNanos(1);
        return refusals % 2 == 0
                ? String.valueOf(seconds.toSeconds())
                : DateTimeFormatter.RFC_1123_DATE_TIME.format(date.atOffset(ZoneOffset.UTC));
    }

    private static String registeredDomain(String name) {
        if (name.matches("[0-9.]+")) {
            return name;
        }
        if (name.indexOf(':') >= 0) {
            return HexFormat.of().formatHex(address(name), 0, 8);
        }
        String[] labels = name.split("\\.", -1);
        return labels.length < 2 ? name : labels[labels.length - 2] + "." + labels[labels.length - 1];
    }

    /** Of a literal, for which nobody is asked. */
    private static byte[] address(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + literal + "' is no address", e);
        }
    }
}
