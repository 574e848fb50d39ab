package org.autotls;

import static java.util.Objects.requireNonNull;

import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.autotls.internal.OwnPools;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * The settings of an {@link IssuingService}. Responders, the e-mail address and all else that concerns a CA belong to the
 * issuer ({@code AcmeIssuer.builder}).
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class IssuingServiceBuilder {

    private static final Logger LOG = LoggerFactory.getLogger(IssuingService.class);
    private static final Marker CRITICAL = MarkerFactory.getMarker("CRITICAL");
    private static final Duration LONGEST = Duration.ofDays(3650);

    private final CertificateStore store;
    private final StateStore state;
    private final Supplier<Issuer> issuers;
    private final List<ServiceListener> listeners = new ArrayList<>();
    private @Nullable Scheduler scheduler;
    private @Nullable Executor executor;
    private @Nullable Executor callbackExecutor;
    private Duration checkInterval = Duration.ofDays(1);
    private Duration storeInterval = Duration.ofSeconds(1);
    private Duration attemptTimeout = Duration.ofMinutes(15);
    private Duration reissueInterval = RenewalPolicy.DEFAULT.reissueInterval();
    private Duration panicInterval = RenewalPolicy.DEFAULT.panicInterval();
    private int maxInFlight = 8;
    private PanicCallback panic = IssuingServiceBuilder::logPanic;
    private @Nullable Supplier<KeyPair> keys;
    private Optional<KeyType> alternate = Optional.empty();
    private @Nullable RandomGenerator random;

    IssuingServiceBuilder(CertificateStore store, StateStore state, Supplier<Issuer> issuers) {
        this.store = requireNonNull(store, "store");
        this.state = requireNonNull(state, "state");
        this.issuers = requireNonNull(issuers, "issuers");
    }

    /**
     * Sets the clock.
     *
     * @param value default: {@link Scheduler#system}
     * @return this
     */
    public IssuingServiceBuilder scheduler(Scheduler value) {
        scheduler = requireNonNull(value, "scheduler");
        return this;
    }

    /**
     * Sets where work that may block runs: the store, the issuer supplier, the first steps of an issuer.
     *
     * @param value should have more threads than {@link #maxInFlight}; default: daemon threads that the service owns and
     *     ends with itself
     * @return this
     */
    public IssuingServiceBuilder executor(Executor value) {
        executor = requireNonNull(value, "executor");
        return this;
    }

    /**
     * Sets where the panic callback and listeners run.
     *
     * @param value default: daemon threads that the service owns and ends with itself
     * @return this
     */
    public IssuingServiceBuilder callbackExecutor(Executor value) {
        callbackExecutor = requireNonNull(value, "callbackExecutor");
        return this;
    }

    /**
     * Sets how often the whole store is checked, beyond the check at start.
     *
     * @param value more than zero, at most ten years; default: 1 day
     * @return this
     */
    public IssuingServiceBuilder checkInterval(Duration value) {
        checkInterval = requireNonNull(value, "checkInterval");
        return this;
    }

    /**
     * Sets how often the store's list is compared with what was last seen, so that new entries and other processes' changes
     * are noticed. Also how late a jump of the wall clock is noticed.
     *
     * @param value more than zero, at most ten years; default: 1 second
     * @return this
     */
    public IssuingServiceBuilder storeInterval(Duration value) {
        storeInterval = requireNonNull(value, "storeInterval");
        return this;
    }

    /**
     * Sets how long one try to issue may take before its place is given to another.
     *
     * @param value more than zero, at most ten years; default: 15 minutes
     * @return this
     */
    public IssuingServiceBuilder attemptTimeout(Duration value) {
        attemptTimeout = requireNonNull(value, "attemptTimeout");
        return this;
    }

    /**
     * Sets the cap on what is left when a certificate is reissued; see {@link RenewalPolicy}.
     *
     * @param value more than zero; default: 30 days
     * @return this
     */
    public IssuingServiceBuilder reissueInterval(Duration value) {
        reissueInterval = requireNonNull(value, "reissueInterval");
        return this;
    }

    /**
     * Sets the cap on what is left when a failure to reissue becomes a panic; see {@link RenewalPolicy}.
     *
     * @param value more than zero; default: 15 days
     * @return this
     */
    public IssuingServiceBuilder panicInterval(Duration value) {
        panicInterval = requireNonNull(value, "panicInterval");
        return this;
    }

    /**
     * Sets who is told when reissue fails inside the panic interval.
     *
     * @param value default: logs at level ERROR with the marker {@code CRITICAL} a text that begins with {@code PANIC}
     * @return this
     */
    public IssuingServiceBuilder panic(PanicCallback value) {
        panic = requireNonNull(value, "panic");
        return this;
    }

    /**
     * Sets what makes the key of each new certificate.
     *
     * @param value default: EC P-256 ({@link KeyType#EC_P256})
     * @return this
     */
    public IssuingServiceBuilder keys(Supplier<KeyPair> value) {
        keys = requireNonNull(value, "keys");
        return this;
    }

    /**
     * Sets that each subject of the store gets a second certificate, with a key of this kind: its {@linkplain
     * Subject#alternate alternate}, for clients that cannot use the key of the first. Alternates that are stored already are
     * renewed even without this.
     *
     * @param value of another algorithm than {@link #keys}; default: no second certificate
     * @return this
     */
    public IssuingServiceBuilder alternateKeys(KeyType value) {
        alternate = Optional.of(value);
        return this;
    }

    /**
     * Sets where jitter comes from.
     *
     * @param value safe for many threads; need not be secure; default: the system's secure one
     * @return this
     */
    public IssuingServiceBuilder random(RandomGenerator value) {
        random = requireNonNull(value, "random");
        return this;
    }

    /**
     * Sets how many certificates may be in the making at once.
     *
     * @param value 1 to 1000; default: 8
     * @return this
     */
    public IssuingServiceBuilder maxInFlight(int value) {
        maxInFlight = value;
        return this;
    }

    /**
     * Adds a listener.
     *
     * @param value told after those added before it
     * @return this
     */
    public IssuingServiceBuilder listener(ServiceListener value) {
        listeners.add(requireNonNull(value, "listener"));
        return this;
    }

    /**
     * Checks the settings and makes the service; {@link IssuingService#start} sets it going.
     *
     * @return a service that does nothing yet
     * @throws IllegalArgumentException naming the setting that is out of its range
     */
    public IssuingService build() {
        requireInterval("check interval", checkInterval);
        requireInterval("store interval", storeInterval);
        requireInterval("attempt timeout", attemptTimeout);
        if (maxInFlight < 1 || maxInFlight > 1000) {
            throw new IllegalArgumentException("maxInFlight " + maxInFlight + ": expected 1 to 1000");
        }
        RenewalPolicy policy = new RenewalPolicy(reissueInterval, panicInterval);
        SecureRandom secure = new SecureRandom();
        OwnPools owned = new OwnPools();
        ServiceOptions options = new ServiceOptions(
                store,
                state,
                issuers,
                scheduler == null ? Scheduler.system() : scheduler,
                executor == null ? owned.unbounded("autotls-issue") : executor,
                callbackExecutor == null ? owned.unbounded("autotls-callback") : callbackExecutor,
                policy,
                checkInterval,
                storeInterval,
                attemptTimeout,
                maxInFlight,
                new CertificateKeys(keys == null ? () -> KeyType.EC_P256.generate(secure) : keys, alternate, secure),
                random == null ? secure : random,
                panic,
                List.copyOf(listeners));
        return new IssuingService(options, owned);
    }

    static void requireInterval(String name, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + " " + value + ": expected more than zero, at most ten years");
        }
    }

    private static void logPanic(Throwable failure, Subject subject) {
        LOG.error(CRITICAL, "PANIC: the certificate for {} is in danger: {}", subject, failure.getMessage());
    }
}
