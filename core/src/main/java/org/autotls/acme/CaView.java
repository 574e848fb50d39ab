package org.autotls.acme;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A CA as its directory shows it (RFC 8555 §7.1.1). Immutable. Texts are the CA's own: escape them before they are shown.
 *
 * @param directory the directory's URL
 * @param clockAhead how far our clock is ahead of the CA's, negative if it is behind, to a second; empty if the CA sent no date
 * @param termsOfService the URL of the terms; empty if the CA has none
 * @param externalAccountRequired whether an account must be bound to one outside ACME (§7.3.4)
 * @param profiles the names of the certificate profiles; empty if the CA has none
 * @param caaIdentities the domains by which CAA records name this CA (RFC 8659); empty if it does not say
 */
public record CaView(
        URI directory,
        Optional<Duration> clockAhead,
        String termsOfService,
        boolean externalAccountRequired,
        List<String> profiles,
        List<String> caaIdentities) {

    /** Checks the values. */
    public CaView {
        requireNonNull(directory, "directory");
        requireNonNull(clockAhead, "clockAhead");
        requireNonNull(termsOfService, "termsOfService");
        profiles = List.copyOf(profiles);
        caaIdentities = List.copyOf(caaIdentities);
    }
}
