package org.autotls.testkit;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * How a {@link FakeCa} behaves where sound CAs differ, and a few ways in which they fail.
 *
 * <p><b>Threads.</b> Safe for many threads; a change counts from the next request.
 */
public final class FakeCaSettings {

    /** Makes the leaf for a certification request. */
    @FunctionalInterface
    public interface LeafMaker {

        /**
         * Signs.
         *
         * @param ca what to sign with
         * @param key the key of the request
         * @param names the names of the order
         * @return the leaf
         */
        X509Certificate leaf(TestCa ca, PublicKey key, List<String> names);
    }

    /** The present. */
    volatile InstantSource clock = InstantSource.system();

    volatile FakeCa.Validator validator = (type, identifier, token, keyAuthorization) -> true;
    volatile List<String> challengeTypes = List.of("http-01", "dns-01", "tls-alpn-01");
    volatile String termsOfService = "";
    volatile Map<String, String> externalAccounts = Map.of();
    volatile Map<String, String> profiles = Map.of();
    volatile List<TestCa> alternateRoots = List.of();
    volatile String nextOrderStatus = "pending";
    volatile boolean authorizationsValid;
    volatile boolean pendingReused;
    volatile int badNoncePercent;
    volatile int looksUntilDone;
    volatile FakeCaLimits limits = FakeCaLimits.none(clock);
    volatile boolean renewalInfo = true;
    volatile Function<X509Certificate, String> renewalAnswer = FakeCaRenewals::usualAnswer;
    volatile String renewalRetryAfter = "21600";
    volatile LeafMaker leafMaker = (ca, key, names) ->
            ca.certify(key, clock.instant().minusSeconds(60), Duration.ofDays(90), names.toArray(new String[0]));

    FakeCaSettings() {}

    /**
     * Sets the clock of the certificates. Default: the system's.
     *
     * @param source the present
     * @return this
     */
    public FakeCaSettings clock(InstantSource source) {
        clock = source;
        return this;
    }

    /**
     * Sets who validates challenges. Default: everything is accepted.
     *
     * @param check called on a thread of the CA; may block
     * @return this
     */
    public FakeCaSettings validator(FakeCa.Validator check) {
        validator = check;
        return this;
    }

    /**
     * Sets which challenge types are offered. Default: http-01, dns-01, tls-alpn-01; for a wildcard always dns-01 alone.
     *
     * @param types in the order offered
     * @return this
     */
    public FakeCaSettings challengeTypes(String... types) {
        challengeTypes = List.of(types);
        return this;
    }

    /**
     * Names terms of service. Default: none.
     *
     * @param url what the directory shows
     * @return this
     */
    public FakeCaSettings termsOfService(String url) {
        termsOfService = url;
        return this;
    }

    /**
     * Asks that new accounts be bound to one of these (RFC 8555 §7.3.4). Default: none, no binding is asked for.
     *
     * @param macKeys key identifiers to MAC keys in base64url
     * @return this
     */
    public FakeCaSettings externalAccounts(Map<String, String> macKeys) {
        externalAccounts = Map.copyOf(macKeys);
        return this;
    }

    /**
     * Offers certificate profiles (draft-ietf-acme-profiles). Default: none.
     *
     * @param descriptions names to URLs that describe them
     * @return this
     */
    public FakeCaSettings profiles(Map<String, String> descriptions) {
        profiles = Map.copyOf(descriptions);
        return this;
    }

    /**
     * Offers more chains than the one to the CA's own root (RFC 8555 §7.4.2). Default: none.
     *
     * @param roots one alternate chain to each
     * @return this
     */
    public FakeCaSettings alternateRoots(TestCa... roots) {
        alternateRoots = List.of(roots);
        return this;
    }

    /**
     * Sets the status in which orders are born. Default: {@code pending}.
     *
     * @param status {@code pending} or {@code ready}
     * @return this
     */
    public FakeCaSettings ordersAreBorn(String status) {
        nextOrderStatus = status;
        return this;
    }

    /**
     * Sets whether authorizations are valid from the start, as those that a CA reuses are. Default: no.
     *
     * @param valid whether no challenge is needed
     * @return this
     */
    public FakeCaSettings authorizationsValid(boolean valid) {
        authorizationsValid = valid;
        return this;
    }

    /**
     * Has a new order of an account share the authorizations that are pending in another one (RFC 8555 §7.1.3). Default: no.
     *
     * @param reused whether
     * @return this
     */
    public FakeCaSettings pendingReused(boolean reused) {
        pendingReused = reused;
        return this;
    }

    /**
     * Refuses good nonces. Default: 0.
     *
     * @param percent of all signed requests
     * @return this
     */
    public FakeCaSettings badNoncePercent(int percent) {
        badNoncePercent = percent;
        return this;
    }

    /**
     * Lets the CA take its time. Default: 0, done at the first look.
     *
     * @param looks how often an authorization is still pending, and an order still processing, when looked at
     * @return this
     */
    public FakeCaSettings looksUntilDone(int looks) {
        looksUntilDone = looks;
        return this;
    }

    /**
     * Sets whether the CA has renewal information (RFC 9773). Default: yes.
     *
     * @param offered whether the directory names it, and orders may name what they replace
     * @return this
     */
    public FakeCaSettings renewalInfo(boolean offered) {
        renewalInfo = offered;
        return this;
    }

    /**
     * Suggests one window for all certificates (RFC 9773 §4.2). Default: around the point at which a third of the lifetime
     * is left.
     *
     * @param start when it opens
     * @param end when it closes
     * @return this
     */
    public FakeCaSettings renewalWindow(Instant start, Instant end) {
        return renewalAnswer(leaf -> FakeCaRenewals.window(start, end));
    }

    /**
     * Sets what is answered to who asks when to renew (RFC 9773 §4.2), sound or not.
     *
     * @param body the whole answer for a leaf
     * @return this
     */
    public FakeCaSettings renewalAnswer(Function<X509Certificate, String> body) {
        renewalAnswer = body;
        return this;
    }

    /**
     * Sets when to ask again for renewal information (RFC 9773 §4.3). Default: after six hours.
     *
     * @param value the header Retry-After; empty for none
     * @return this
     */
    public FakeCaSettings renewalRetryAfter(String value) {
        renewalRetryAfter = value;
        return this;
    }

    /**
     * Sets who makes leaves, for those that a client must refuse. Default: 90 days, for the order's names and the
     * request's key.
     *
     * @param maker called for each finalize
     * @return this
     */
    public FakeCaSettings leafMaker(LeafMaker maker) {
        leafMaker = maker;
        return this;
    }

    /**
     * Sets the rate limits that are enforced. Default: none.
     *
     * @param enforced measured by a clock of their own
     * @return this
     */
    public FakeCaSettings limits(FakeCaLimits enforced) {
        limits = enforced;
        return this;
    }
}
