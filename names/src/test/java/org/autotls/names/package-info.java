/** Tests of domain names. */
@NullMarked
package org.autotls.names;

import org.jspecify.annotations.NullMarked;
