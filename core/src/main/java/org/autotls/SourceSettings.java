package org.autotls;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.autotls.AutoTlsSettings.Source;
import org.autotls.acme.AcmeDirectories;

/**
 * Where certificates come from, and how a CA is asked for them: the one half of {@link AutoTlsBuilder}, which is the only
 * class that has it. Apart because the two halves share no field, and are read by different people: this one by whoever
 * knows the CA, the other by whoever knows the server.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
abstract sealed class SourceSettings permits AutoTlsBuilder {

    private Source source = new Source.Acme(List.of(AcmeDirectories.LETS_ENCRYPT));
    private boolean chosen;
    private final Map<URI, ExternalAccount> externalAccounts = new HashMap<>();
    private Optional<ExternalAccount> externalAccount = Optional.empty();
    private String profile = "";
    private boolean profileRequired;
    private String preferredChain = "";
    private Optional<RateLimit> orderLimit = Optional.empty();
    private Optional<RateLimit> domainLimit = Optional.empty();
    private boolean dryRuns = true;
    private Optional<URI> staging = Optional.empty();
    private String email = "";
    private boolean termsAgreed;
    private final List<X509Certificate> roots = new ArrayList<>();
    private final List<Path> rootFiles = new ArrayList<>();
    private Duration timeout = Duration.ofSeconds(40);

    abstract AutoTlsBuilder self();

    /**
     * Orders from Let's Encrypt's production CA. The default.
     *
     * @return this
     */
    public AutoTlsBuilder letsEncrypt() {
        return acme(AcmeDirectories.LETS_ENCRYPT);
    }

    /**
     * Orders from Let's Encrypt's staging CA: generous limits, but no browser trusts what it issues.
     *
     * @return this
     */
    public AutoTlsBuilder letsEncryptStaging() {
        return acme(AcmeDirectories.LETS_ENCRYPT_STAGING);
    }

    /**
     * Orders from an ACME CA (RFC 8555).
     *
     * @param directory the URL of its directory, https
     * @param fallbacks those of other CAs, tried in turn when one fails for reasons of its own; see {@link FallbackIssuer}
     * @return this
     * @throws IllegalArgumentException if one is no https URL
     */
    public AutoTlsBuilder acme(URI directory, URI... fallbacks) {
        List<URI> all = new ArrayList<>(List.of(fallbacks));
        all.add(0, requireNonNull(directory, "directory"));
        return source(new Source.Acme(all));
    }

    /**
     * Orders from well-known CAs: in place of the default, or, if a CA was chosen before, when that one fails for reasons of
     * its own; see {@link FallbackIssuer}.
     *
     * @param names of {@link AcmeDirectories#ALL}, tried in turn
     * @return this
     * @throws IllegalArgumentException naming those there are; or if certificates do not come from an ACME CA
     */
    public AutoTlsBuilder issuers(String... names) {
        if (!(source instanceof Source.Acme acme)) {
            throw new IllegalArgumentException(
                    "issuers " + List.of(names) + ": certificates come from elsewhere already, " + source);
        }
        Set<URI> all = new LinkedHashSet<>(chosen ? acme.directories() : List.of());
        List.of(names).forEach(name -> all.add(AcmeDirectories.named(name).directory()));
        return source(new Source.Acme(List.copyOf(all)));
    }

    /**
     * Binds the account to one that the CA knows already (RFC 8555 §7.3.4), as some CAs require. Of several CAs it is the
     * first that is known to require it, else the first. Default: none.
     *
     * @param account what the CA gave you
     * @return this
     */
    public AutoTlsBuilder externalAccount(ExternalAccount account) {
        this.externalAccount = Optional.of(requireNonNull(account, "account"));
        return self();
    }

    /**
     * Binds the account at one of several CAs. Default: none.
     *
     * @param directory the URL of the CA's directory
     * @param account what the CA gave you
     * @return this
     */
    public AutoTlsBuilder externalAccount(URI directory, ExternalAccount account) {
        externalAccounts.put(requireNonNull(directory, "directory"), requireNonNull(account, "account"));
        return self();
    }

    /**
     * Prefers a certificate profile; a CA that does not offer it issues by its default. Default: none, and
     * {@code shortlived} for IP addresses where the CA offers it.
     *
     * @param name for example {@code tlsserver}
     * @return this
     */
    public AutoTlsBuilder profile(String name) {
        return profile(name, false);
    }

    /**
     * Requires a certificate profile: from a CA that does not offer it, nothing is ordered. Default: none.
     *
     * @param name for example {@code shortlived}
     * @return this
     */
    public AutoTlsBuilder requiredProfile(String name) {
        return profile(name, true);
    }

    /**
     * Prefers the chain that ends at this root, if the CA offers several. Default: the one that it sends first.
     *
     * @param rootCommonName for example {@code ISRG Root X1}
     * @return this
     */
    public AutoTlsBuilder preferredChain(String rootCommonName) {
        this.preferredChain = requireNonNull(rootCommonName, "rootCommonName");
        return self();
    }

    /**
     * Sets how many orders one account may place. Default: {@link org.autotls.acme.AcmeLimits#at}, what the CA publishes.
     *
     * @param limit for each CA; {@link RateLimit#NONE} to count none
     * @return this
     */
    public AutoTlsBuilder orderLimit(RateLimit limit) {
        this.orderLimit = Optional.of(requireNonNull(limit, "limit"));
        return self();
    }

    /**
     * Sets how many certificates may be ordered below one registered domain, as far as {@link DomainNames#installed} knows
     * what is registered ({@link OrderLimits}). Default: as many as the CA publishes that it allows.
     *
     * @param limit for each CA; {@link RateLimit#NONE} to count none
     * @return this
     */
    public AutoTlsBuilder domainLimit(RateLimit limit) {
        this.domainLimit = Optional.of(requireNonNull(limit, "limit"));
        return self();
    }

    /**
     * Sets where a name that was refused three times in a row is tried first, so that the limits of the CA itself are spared.
     * Default: its own staging CA, if {@link AcmeDirectories} knows one.
     *
     * @param directory the URL of a CA's directory, https
     * @return this
     */
    public AutoTlsBuilder dryRunsAt(URI directory) {
        this.staging = Optional.of(requireNonNull(directory, "directory"));
        return self();
    }

    /**
     * Has each try go to the CA itself, whatever was refused before. Default: see {@link #dryRunsAt}.
     *
     * @return this
     */
    public AutoTlsBuilder noDryRuns() {
        this.dryRuns = false;
        return self();
    }

    /**
     * Issues from a private CA of its own, made in the directory at the first start; needs no network. The directory is
     * made when absent (mode 0700), and {@code localhost} is issued when no name is asked for or stored. What is served
     * for {@code localhost} is served to clients that send no server name, too.
     *
     * @return this
     */
    public AutoTlsBuilder local() {
        return source(new Source.Local());
    }

    /**
     * Only reads, and never writes: another process keeps the directory up to date, and what it writes is served within
     * about a second. A {@code DEFAULT.pem} is served to clients that send no server name.
     *
     * @return this
     */
    public AutoTlsBuilder readOnly() {
        return source(new Source.ReadOnly());
    }

    /**
     * Orders from an issuer of your own.
     *
     * @param issuer called for each attempt to issue; what it throws is a failed attempt
     * @return this
     */
    public AutoTlsBuilder issuer(Supplier<Issuer> issuer) {
        return source(new Source.Custom(requireNonNull(issuer, "issuer")));
    }

    /**
     * Gives the CA an address to write to when something is wrong. Default: none.
     *
     * @param email an e-mail address; an existing registration is updated
     * @return this
     */
    public AutoTlsBuilder email(String email) {
        this.email = requireNonNull(email, "email");
        return self();
    }

    /**
     * Says whether you agree to the CA's terms of service. Default: no, and then a CA that has terms gets no request
     * but for its directory, and the failure names the URL of the terms.
     *
     * @param agreed whether you agree
     * @return this
     */
    public AutoTlsBuilder agreeToTerms(boolean agreed) {
        this.termsAgreed = agreed;
        return self();
    }

    /**
     * Trusts further roots for the CA's own https, besides the JDK's.
     *
     * @param roots certificates
     * @return this
     */
    public AutoTlsBuilder trust(X509Certificate... roots) {
        this.roots.addAll(List.of(roots));
        return self();
    }

    /**
     * Trusts further roots for the CA's own https, besides the JDK's.
     *
     * @param rootFile certificates in PEM, read at start
     * @return this
     */
    public AutoTlsBuilder trust(Path rootFile) {
        this.rootFiles.add(requireNonNull(rootFile, "rootFile"));
        return self();
    }

    /**
     * Limits each request to the CA, headers and body together. Default: 40 s.
     *
     * @param timeout more than zero, at most five minutes
     * @return this
     */
    public AutoTlsBuilder timeout(Duration timeout) {
        this.timeout = requireNonNull(timeout, "timeout");
        return self();
    }

    Source source() {
        return source;
    }

    AutoTlsSettings.Ca ca() {
        return new AutoTlsSettings.Ca(email, termsAgreed, roots, rootFiles, timeout);
    }

    AutoTlsSettings.Preferences preferences() {
        return new AutoTlsSettings.Preferences(
                profile, profileRequired, preferredChain, externalAccounts, externalAccount);
    }

    AutoTlsSettings.Limits limits() {
        return new AutoTlsSettings.Limits(orderLimit, domainLimit, dryRuns, staging);
    }

    private AutoTlsBuilder source(Source source) {
        this.source = source;
        this.chosen |= source instanceof Source.Acme;
        return self();
    }

    private AutoTlsBuilder profile(String name, boolean required) {
        this.profile = requireNonNull(name, "name");
        this.profileRequired = required;
        return self();
    }
}
