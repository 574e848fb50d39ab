package org.autotls.acme;

import java.security.KeyPair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.Identifier;
import org.autotls.Presentation;
import org.autotls.internal.JsonObject;
import org.autotls.internal.PrivateKeys;

/**
 * How far one issuance has come: what the journal holds. Immutable. {@link #toString} does not show the key.
 *
 * @param directory the CA's directory URL: an order of another CA is of no use
 * @param order the order's URL; empty if none was placed
 * @param key the pending certificate key pair, PEM; empty until just before finalize
 * @param published every challenge that is, or may be, answerable and must be undone
 */
record Progress(String directory, String order, String key, List<Published> published) {

    /**
     * A challenge that was about to be presented, and what presenting it returned. Immutable.
     *
     * @param type the challenge type
     * @param identifier what is to be proved
     * @param token the CA's token
     * @param value the presentation's value; until it is {@code presented}, what else undoing needs of the
     *     challenge
     * @param presented whether presenting is known to have succeeded
     */
    record Published(String type, Identifier identifier, String token, String value, boolean presented) {

        Published with(Presentation presentation) {
            return new Published(type, identifier, token, presentation.value(), true);
        }

        Presentation presentation() {
            return new Presentation(type, identifier, value);
        }

        boolean isSame(Published other) {
            return type.equals(other.type) && identifier.equals(other.identifier) && token.equals(other.token);
        }
    }

    Progress {
        published = List.copyOf(published);
    }

    static Progress none(String directory) {
        return new Progress(directory, "", "", List.of());
    }

    /**
     * Reads what {@link #toJson} wrote.
     *
     * @throws IllegalArgumentException if it did not
     */
    static Progress parse(String text) {
        JsonObject json = JsonObject.parse(text);
        List<Published> published = new ArrayList<>();
        for (JsonObject entry : json.objects("published")) {
            published.add(new Published(
                    required(entry, "type"),
                    Identifier.of(required(entry, "identifier")),
                    required(entry, "token"),
                    required(entry, "value"),
                    entry.flag("presented").orElse(false)));
        }
        return new Progress(required(json, "directory"), required(json, "order"), required(json, "key"), published);
    }

    String toJson() {
        List<Map<String, Object>> entries = new ArrayList<>();
        for (Published one : published) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("type", one.type());
            entry.put("identifier", one.identifier().value());
            entry.put("token", one.token());
            entry.put("value", one.value());
            entry.put("presented", one.presented());
            entries.add(entry);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("directory", directory);
        json.put("order", order);
        json.put("key", key);
        json.put("published", entries);
        return JsonObject.write(json);
    }

    boolean hasOrder() {
        return !order.isEmpty();
    }

    Optional<KeyPair> keyPair() {
        return key.isEmpty() ? Optional.empty() : Optional.of(PrivateKeys.parsePair(key));
    }

    /** A new order: the key of an earlier one is not used for it. */
    Progress withOrder(String url) {
        return new Progress(directory, url, "", published);
    }

    Progress withKey(KeyPair pair) {
        return new Progress(directory, order, PrivateKeys.encodePair(pair), published);
    }

    /** What is published, and no order and no key. */
    Progress leftovers() {
        return new Progress(directory, "", "", published);
    }

    /** Adds or replaces the entries of {@code changed}. */
    Progress withPublished(List<Published> changed) {
        List<Published> all = new ArrayList<>(published);
        all.removeIf(old -> changed.stream().anyMatch(old::isSame));
        all.addAll(changed);
        return new Progress(directory, order, key, all);
    }

    /** Takes out the entries of {@code gone}. */
    Progress withoutPublished(List<Published> gone) {
        List<Published> left = new ArrayList<>(published);
        left.removeIf(old -> gone.stream().anyMatch(old::isSame));
        return new Progress(directory, order, key, left);
    }

    private static String required(JsonObject json, String name) {
        return json.text(name).orElseThrow(() -> new IllegalArgumentException("there is no '" + name + "'"));
    }

    @Override
    public String toString() {
        return "Progress[order " + order + (key.isEmpty() ? "" : ", with a pending key") + ", published " + published
                + "]";
    }
}
