/** Domain names by UTS-46 and the public suffix list. */
@NullMarked
package org.autotls.names;

import org.jspecify.annotations.NullMarked;
