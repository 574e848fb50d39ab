package org.autotls;

import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.autotls.AutoTlsSettings.Source;
import org.autotls.acme.AcmeDirectories;

/** What an {@link AutoTlsBuilder} has been told of where certificates come from, and how. One thread at a time. */
final class CaChoice {

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

    Source source() {
        return source;
    }

    void source(Source source) {
        this.source = source;
        this.chosen |= source instanceof Source.Acme;
    }

    /** In place of the default, or behind what was chosen before. */
    void issuers(List<String> names) {
        if (!(source instanceof Source.Acme acme)) {
            throw new IllegalArgumentException(
                    "issuers " + names + ": certificates come from elsewhere already, " + source);
        }
        Set<URI> all = new LinkedHashSet<>(chosen ? acme.directories() : List.of());
        names.forEach(name -> all.add(AcmeDirectories.named(name).directory()));
        source(new Source.Acme(List.copyOf(all)));
    }

    void externalAccount(ExternalAccount account) {
        this.externalAccount = Optional.of(account);
    }

    void externalAccount(URI directory, ExternalAccount account) {
        externalAccounts.put(directory, account);
    }

    void profile(String name, boolean required) {
        this.profile = name;
        this.profileRequired = required;
    }

    void preferredChain(String rootCommonName) {
        this.preferredChain = rootCommonName;
    }

    void orderLimit(RateLimit limit) {
        this.orderLimit = Optional.of(limit);
    }

    void domainLimit(RateLimit limit) {
        this.domainLimit = Optional.of(limit);
    }

    void staging(URI directory) {
        this.staging = Optional.of(directory);
    }

    void noStaging() {
        this.dryRuns = false;
    }

    AutoTlsSettings.Wishes wishes() {
        return new AutoTlsSettings.Wishes(profile, profileRequired, preferredChain, externalAccounts, externalAccount);
    }

    AutoTlsSettings.Thrift thrift() {
        return new AutoTlsSettings.Thrift(orderLimit, domainLimit, dryRuns, staging);
    }
}
