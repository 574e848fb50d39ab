package org.autotls;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.autotls.IssueException.Kind;
import org.autotls.internal.StateKeys;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers with which configuration the last start was made. A start with another one allows at once what failed before:
 * who has mended an option must not wait a day to see whether it helps. A start with the same one allows nothing, so a
 * program that is restarted in a loop makes no more tries. Stateless; blocks on I/O.
 */
final class ConfigurationMark {

    static final String KEY = "configuration";

    private static final Logger LOG = LoggerFactory.getLogger("org.autotls.AutoTls");

    /** What an option may mend. Patience that a CA asked for, and a try that did not end, are not among it. */
    private static final Set<String> MENDABLE =
            Set.of(Kind.CONFIGURATION.name(), Kind.NETWORK.name(), Kind.REFUSED.name(), Kind.UNPROVED.name());

    private ConfigurationMark() {}

    /** What an operator may change. The names are no part of it: each has a record of its own. */
    static String of(AutoTlsSettings settings, List<X509Certificate> roots) {
        AutoTlsSettings.Preferences preferences = settings.preferences();
        Map<String, String> accounts = new TreeMap<>();
        preferences
                .externalAccounts()
                .forEach((directory, account) -> accounts.put(directory.toString(), proof(account)));
        preferences.externalAccount().ifPresent(account -> accounts.put("", proof(account)));
        List<Object> all = List.of(
                settings.source(),
                settings.ca().email(),
                settings.ca().termsAgreed(),
                roots.stream().map(X509Certificate::hashCode).toList(),
                settings.answeredTypes(),
                settings.httpPort(),
                settings.responders().stream()
                        .map(Object::toString)
                        .filter(ConfigurationMark::lasts)
                        .toList(),
                preferences.profile(),
                preferences.profileRequired(),
                preferences.preferredChain(),
                accounts);
        return StateKeys.hash(all.stream().map(Object::toString).collect(Collectors.joining("\n")));
    }

    /**
     * Whether a text is the same in the next process. Where something in it has no toString of its own, it holds an {@code @}
     * and an address in memory: counted as a change, it would let a restart loop try each time.
     */
    private static boolean lasts(String text) {
        return text.indexOf('@') < 0;
    }

    private static String proof(ExternalAccount account) {
        byte[] mac = account.authenticate(KEY.getBytes(StandardCharsets.US_ASCII));
        return account + " " + HexFormat.of().formatHex(mac);
    }

    /** Compares with the last start. A store that fails changes nothing: what failed is tried when its time comes. */
    static void compare(StateStore state, String mark) {
        try {
            Revision before = Revision.NONE;
            Optional<StateStore.Entry> last = state.find(KEY);
            if (last.isPresent()) {
                if (last.get().text().equals(mark)) {
                    return;
                }
                before = last.get().revision();
            }
            long allowed = state.keys(AttemptRecord.PREFIX).stream()
                    .filter(key -> allow(state, key))
                    .count();
            if (allowed > 0) {
                LOG.info(
                        "the configuration has changed: what failed before is tried again now; certificates: {}",
                        allowed);
            }
            state.save(KEY, mark, before);
        } catch (StoreException e) {
            LOG.warn("the last start's configuration cannot be compared with this one's", e);
        }
    }

    private static boolean allow(StateStore state, String key) {
        return state.find(key)
                .filter(entry -> AttemptRecord.parse(entry.text())
                        .filter(record -> MENDABLE.contains(record.kind()))
                        .map(record -> record.retriedFrom(record.failedAt()))
                        .flatMap(record -> state.save(key, record.toJson(), entry.revision()))
                        .isPresent())
                .isPresent();
    }
}
