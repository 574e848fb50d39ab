package org.autotls;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.autotls.acme.AcmeDirectories;
import org.autotls.acme.AcmeIssuer;
import org.autotls.acme.AcmeIssuerBuilder;
import org.autotls.acme.AcmeLimits;

/**
 * The part of {@link AutoTlsAssembly} that puts the issuers of ACME CAs together: each keeps to its CA's limits, tries at a
 * staging CA first what fails again and again, and leaves what it cannot do to the next. One use.
 */
final class AcmeAssembly {

    private final AutoTlsSettings settings;
    private final AutoTlsSettings.Preferences preferences;
    private final List<Responder> responders;
    private final List<X509Certificate> roots;
    private final StateStore state;
    private final Executor blocking;

    AcmeAssembly(
            AutoTlsSettings settings,
            List<Responder> responders,
            List<X509Certificate> roots,
            StateStore state,
            Executor blocking) {
        this.settings = settings;
        this.preferences = settings.preferences();
        this.responders = responders;
        this.roots = roots;
        this.state = state;
        this.blocking = blocking;
    }

    /**
     * Where the account keys are kept, by the CA's directory.
     *
     * @param of of those who are asked for certificates
     * @param ofStaging of those who are only tried at
     */
    record Keys(Function<URI, AccountKeyStore> of, Function<URI, AccountKeyStore> ofStaging) {}

    /** Makes one issuer over the CAs, in this order. */
    Issuer issuer(List<URI> directories, Keys accountKeys) {
        Map<URI, ExternalAccount> accounts = externalAccounts(preferences, directories);
        return FallbackIssuer.of(directories.stream()
                .map(directory -> tryingFirst(directory, accountKeys, accounts))
                .toList());
    }

    private Issuer tryingFirst(URI directory, Keys accountKeys, Map<URI, ExternalAccount> accounts) {
        Issuer issuer = acme(directory, accountKeys.of().apply(directory), accounts);
        return staging(directory)
                .filter(staging -> accounts.containsKey(staging) || !wantsExternalAccount(staging))
                .map(staging -> acme(staging, accountKeys.ofStaging().apply(staging), accounts))
                .<Issuer>map(staging -> new DryRunFirst(issuer, staging, state, blocking))
                .orElse(issuer);
    }

    private Optional<URI> staging(URI directory) {
        AutoTlsSettings.Limits limits = settings.limits();
        return limits.dryRuns()
                ? limits.staging()
                        .or(() -> AcmeDirectories.at(directory).flatMap(AcmeDirectories.Ca::staging))
                        .filter(staging -> !staging.equals(directory))
                : Optional.empty();
    }

    private Issuer acme(URI directory, AccountKeyStore accountKey, Map<URI, ExternalAccount> accounts) {
        AcmeIssuerBuilder builder = AcmeIssuer.builder(directory, accountKey, settings.scheduler(), blocking)
                .responders(responders)
                .termsAgreed(settings.ca().termsAgreed())
                .timeout(settings.ca().timeout())
                .budget(OrderBudget.stored(
                        state, directory.toString(), limits(directory), settings.domainNames(), blocking))
                .state(state)
                .trustedRoots(roots);
        if (!settings.ca().email().isEmpty()) {
            builder.email(settings.ca().email());
        }
        if (preferences.profileRequired()) {
            builder.requiredProfile(preferences.profile());
        } else {
            builder.profile(preferences.profile());
        }
        Optional.ofNullable(accounts.get(directory)).ifPresent(builder::externalAccount);
        return builder.preferredChain(preferences.preferredChain()).build();
    }

    private OrderLimits limits(URI directory) {
        AutoTlsSettings.Limits limits = settings.limits();
        OrderLimits published = AcmeLimits.at(directory).orders();
        OrderLimits orders = limits.orders().map(published::withPerAccount).orElse(published);
        return limits.domains().map(orders::withPerDomain).orElse(orders);
    }

    /** What is for no CA by name is for the first that wants one, or else for the first, unless that has its own. */
    static Map<URI, ExternalAccount> externalAccounts(AutoTlsSettings.Preferences preferences, List<URI> directories) {
        Map<URI, ExternalAccount> all = new HashMap<>(preferences.externalAccounts());
        URI needy = directories.stream()
                .filter(AcmeAssembly::wantsExternalAccount)
                .findFirst()
                .orElse(directories.get(0));
        preferences.externalAccount().ifPresent(account -> all.putIfAbsent(needy, account));
        return all;
    }

    private static boolean wantsExternalAccount(URI directory) {
        return AcmeDirectories.at(directory)
                .filter(AcmeDirectories.Ca::externalAccount)
                .isPresent();
    }
}
