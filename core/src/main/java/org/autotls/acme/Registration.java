package org.autotls.acme;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.ExternalAccount;

/**
 * What an account is registered with (RFC 8555 §7.3). Immutable.
 *
 * @param contact URLs; empty for none
 * @param termsAgreed whether the user agreed to the CA's terms of service
 * @param externalAccount what to bind the account to (§7.3.4)
 */
record Registration(List<String> contact, boolean termsAgreed, Optional<ExternalAccount> externalAccount) {

    Registration {
        contact = List.copyOf(contact);
    }

    /** The payload of newAccount; where a binding is required and there is none, it only finds an account. */
    Map<String, Object> payload(AccountKey key, Directory directory) {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("termsOfServiceAgreed", termsAgreed);
        if (!contact.isEmpty()) {
            payload.put("contact", contact);
        }
        externalAccount.ifPresent(
                external -> payload.put("externalAccountBinding", Signer.bind(key, external, directory.newAccount())));
        if (lacksBinding(directory)) {
            payload.put("onlyReturnExisting", true);
        }
        return payload;
    }

    boolean lacksBinding(Directory directory) {
        return directory.externalAccountRequired() && externalAccount.isEmpty();
    }
}
