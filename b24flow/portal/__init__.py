"""The portal: the only home of HTTP towards Bitrix24. It knows no business rules."""
