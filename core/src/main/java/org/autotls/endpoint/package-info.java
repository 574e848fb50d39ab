/**
 * Endpoint strings: one line of configuration, such as {@code lets:/srv/www/certs:tcp:443}, that says where to listen and
 * where the certificates come from. Parsing binds nothing and writes nothing.
 */
@NullMarked
package org.autotls.endpoint;

import org.jspecify.annotations.NullMarked;
